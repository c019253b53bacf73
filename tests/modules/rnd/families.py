"""The four families as the tests use them, and configurations drawn at random."""

from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from modules.rnd.family import family_of, read_folder
from modules.rnd.product import Product
from modules.rnd.selections import State, read_state

FOLDER = Path(__file__).parents[3] / "seeds" / "families"
SLUGS = ("mug", "tile", "cabinet", "part")


@lru_cache
def product(slug: str) -> Product:
    return Product(family_of(read_folder(FOLDER / slug)))


@lru_cache
def _content(slug: str) -> dict[str, Any]:
    return read_folder(FOLDER / slug)


def text_of(slug: str) -> dict[str, Any]:
    """A family's content, fresh for changing."""
    return deepcopy(_content(slug))


def configured(slug: str, quantity: int | None = None, **changes: str | None) -> State:
    """The defaults with changes; None leaves an option out. Uploads have the measures of a usual one."""
    made = product(slug)
    usual = made.family.standard
    uploads = {name.partition(".")[0]: "upload" for name in usual}
    chosen = {**uploads, **made.family.defaults, **changes}
    return read_state(made, chosen, quantity or made.family.quantity.default, usual)


def draws(slug: str, count: int, seed: int) -> Iterator[State]:
    """Partial configurations: options given or left out, numbers near where rules change their mind."""
    made, random = product(slug), Random(seed)
    marks = marks_of(made)
    for _ in range(count):
        density = random.choice((0.2, 0.5, 0.8, 1.0))
        chosen: dict[str, str] = {}
        measured: dict[str, Decimal] = {}
        for option in made.options.values():
            if random.random() > density:
                continue
            if option.enumerable:
                chosen[option.id] = random.choice(option.values).id
            elif option.numeric:
                chosen[option.id] = str(random.choice(marks[option.id]))
            else:
                chosen[option.id] = "x"
                measured |= {
                    f"{option.id}.{fact}": random.choice(marks[f"{option.id}.{fact}"])
                    for fact in option.facts
                }
        quantity = random.choice(marks["quantity"]) if random.random() < 0.8 else None
        yield read_state(made, chosen, int(quantity) if quantity is not None else None, measured)


def marks_of(made: Product) -> dict[str, list[Decimal]]:
    """Numbers worth trying: the ends of each scale and the neighbours of every number in the rules."""
    spoken = {Decimal(word) for rule in made.rules for word in _numbers(rule.text)}
    names = [o.id for o in made.options.values() if o.numeric] + ["quantity"]
    names += [f"{o.id}.{fact}" for o in made.options.values() for fact in o.facts]
    return {name: _near(made, name, spoken) for name in names}


def _numbers(text: str) -> list[str]:
    words = text.replace("(", " ").replace(")", " ").replace(",", " ").split()
    return [word for word in words if word.replace(".", "").isdigit()]


def _near(made: Product, name: str, spoken: set[Decimal]) -> list[Decimal]:
    scale = made.scale(name)
    last = scale.count() - 1
    places = {0, last, last // 3}
    for number in spoken:
        if scale.min <= number <= scale.max:
            place = int((number - scale.min) // scale.step)
            places |= {max(place - 1, 0), place, min(place + 1, last)}
    if name == "height":  # drawers need one more height each
        places |= {
            int((Decimal(140 * n + 80) - scale.min) // scale.step) + d for n in range(6) for d in (0, 1)
        }
    return [scale.at(place) for place in sorted(places) if 0 <= place <= last]
