"""A synthetic family of many options and rules, drawn from a seed, as the files that any family is.

Beside each rule's text stands what it forbids as data, made at the same time and not read from the text:
tests compare the product's answers with that. One drawn configuration, the defaults, breaks no rule, so that
the family can be ordered. It is made at Lu Ceramics as a porcelain mug is. All of it is synthetic.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path
from random import Random
from typing import Any

import yaml

SLUG, PLANT = "synthetic", "lu-ceramics"
KINDS = (("excludes", 0.6), ("needs", 0.3), ("sum", 0.1))
Configuration = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A rule's text, and what it forbids: values from all these sets at once; where `most` is given, only
    while the sizes of the last two add up to more than `most`."""

    text: str
    options: tuple[str, ...]
    values: tuple[frozenset[str], ...]
    most: int | None = None

    def broken_by(self, chosen: Configuration) -> bool:
        """Whether a configuration, perhaps unfinished, breaks it; what is not chosen breaks nothing."""
        found = [chosen.get(option) for option in self.options]
        if None in found:
            return False
        inside = all(value in allowed for value, allowed in zip(found, self.values, strict=True))
        return inside and (self.most is None or sum(size_of(v) for v in found[1:] if v) > self.most)


@dataclass(frozen=True, slots=True)
class Large:
    """The family: option -> its values, its rules, and the configuration that was there first."""

    options: Mapping[str, tuple[str, ...]]
    rules: tuple[Forbidden, ...]
    defaults: Configuration

    def allows(self, chosen: Configuration) -> bool:
        """By the plain reading of the rules."""
        return not any(rule.broken_by(chosen) for rule in self.rules)

    @property
    def combinations(self) -> int:
        """How many there would be without rules."""
        return prod(len(values) for values in self.options.values())

    def at_least_valid(self) -> int:
        """A number of valid configurations that is proven: a box around the defaults, widened value by value
        as long as none of its configurations breaks a rule."""
        box = {option: [value] for option, value in self.defaults.items()}
        touching = {o: [rule for rule in self.rules if o in rule.options] for o in self.options}
        for place in range(max(map(len, self.options.values()))):
            for option, values in self.options.items():
                value = values[place] if place < len(values) else box[option][0]
                if value not in box[option] and _fits(box, option, value, touching[option]):
                    box[option].append(value)
        return prod(len(values) for values in box.values())


def size_of(value: str) -> int:
    """The fact `size` of a value."""
    return int(value[1:])


def _fits(box: Mapping[str, Sequence[str]], option: str, value: str, rules: Sequence[Forbidden]) -> bool:
    wider = {**box, option: [value]}
    return not any(
        rule.broken_by(dict(zip(rule.options, some, strict=True)))
        for rule in rules
        for some in product(*(wider[name] for name in rule.options))
    )


def draw_family(seed: int, options: int = 60, values: int = 12, rules: int = 400) -> Large:
    """The family of this seed and of these sizes."""
    random = Random(seed)
    names = {f"o{n:02}": tuple(f"v{k}" for k in range(1, values + 1)) for n in range(1, options + 1)}
    defaults = {name: random.choice(domain) for name, domain in names.items()}
    drawn: dict[str, Forbidden] = {}
    while len(drawn) < rules:
        rule = _rule(random, names)
        if not rule.broken_by(defaults):
            drawn.setdefault(rule.text, rule)
    return Large(names, tuple(drawn.values()), defaults)


def _rule(random: Random, names: Mapping[str, tuple[str, ...]]) -> Forbidden:
    kind = random.choices([name for name, _ in KINDS], [share for _, share in KINDS])[0]
    three = random.random() < 0.4 or kind == "sum"
    options = tuple(random.sample(list(names), 3 if three else 2))
    domains = [names[option] for option in options]
    if kind == "sum":
        first, least = _some(random, domains[0], 3), len(domains[1])
        most = random.randint(least, 2 * least - 4)
        text = f"{_is(options[0], first)} needs {options[1]}.size + {options[2]}.size <= {most}"
        return Forbidden(text, options, (first, frozenset(domains[1]), frozenset(domains[2])), most)
    *before, last = [_some(random, domain, 3) for domain in domains]
    when = " and ".join(_is(option, values) for option, values in zip(options, before, strict=False))
    if kind == "excludes":
        return Forbidden(f"{when} excludes {_is(options[-1], last)}", options, (*before, last))
    rest = frozenset(domains[-1]) - last
    return Forbidden(f"{when} needs {_is(options[-1], rest)}", options, (*before, last))


def _some(random: Random, domain: Sequence[str], most: int) -> frozenset[str]:
    return frozenset(random.sample(domain, random.randint(1, min(most, len(domain) - 1))))


def _is(option: str, values: frozenset[str]) -> str:
    ordered = sorted(values, key=size_of)
    return f"{option} = {ordered[0]}" if len(ordered) == 1 else f"{option} in ({', '.join(ordered)})"


def write_family(large: Large, folder: Path) -> Path:
    """Its files, as the loader reads them, in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "family": _head(), "options": list(_options(large)), "rules": list(_rules(large)),
        "making": MAKING, "price": list(_price(large)),
    }  # fmt: skip
    for name, content in files.items():
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        (folder / f"{name}.yaml").write_text(f"# Synthetic, drawn from a seed.\n{text}", encoding="utf-8")
    return folder


def _names(en: str, de: str, zh: str) -> dict[str, str]:
    return {"en": en, "de": de, "zh": zh}


def _head() -> dict[str, Any]:
    return {
        "slug": SLUG, "plant": PLANT, "drawing": "mug", "unit": "pcs",
        "name": _names("Synthetic product", "Künstliches Produkt", "合成产品"),
        "blurb": _names("Drawn from a seed, to measure.", "Zum Messen gezogen.", "用于测量。"),
        "quantity": {"min": 1, "max": 20000, "default": 240},
        "title": _names("Synthetic {o01}", "Künstlich {o01}", "合成 {o01}"),
        "groups": [
            {"id": f"g{n}", "name": _names(f"Group {n}", f"Gruppe {n}", f"第{n}组")} for n in range(1, 7)
        ],
    }  # fmt: skip


def _options(large: Large) -> Iterator[dict[str, Any]]:
    for place, (option, values) in enumerate(large.options.items()):
        number = place + 1
        yield {
            "id": option, "type": "choice", "group": f"g{1 + place * 6 // len(large.options)}",
            "name": _names(f"Option {number}", f"Option {number}", f"选项{number}"),
            "default": large.defaults[option],
            "values": [
                {
                    "id": value, "name": _names(*[f"{number}-{size_of(value)}"] * 3),
                    "facts": {"size": str(size_of(value)), "cost": str((size_of(value) * 7 + number) % 13)},
                }
                for value in values
            ],
        }  # fmt: skip


def _rules(large: Large) -> Iterator[dict[str, Any]]:
    for number, rule in enumerate(large.rules, 1):
        why = _names(f"Rule {number} forbids it.", f"Regel {number} verbietet es.", f"规则{number}不允许。")
        yield {"id": f"S{number}", "rule": rule.text, "why": why}


def _price(large: Large) -> Iterator[dict[str, Any]]:
    costs = " + ".join(f"{option}.cost" for option in large.options)
    yield {"code": "body", "name": _names("Body", "Masse", "泥料"), "unit": "kg", "amount": "start * 0.47",
           "rate": "1.90"}  # fmt: skip
    yield {"code": "choices", "name": _names("Choices", "Auswahl", "选项"), "unit": "pcs",
           "amount": f"good * ({costs})", "rate": "0.01"}  # fmt: skip


def _step(code: str, en: str, de: str, zh: str, resources: list[str], **rest: str) -> dict[str, Any]:
    return {"code": code, "name": _names(en, de, zh), "resources": resources, **rest}


MAKING: dict[str, Any] = {
    "routing": [
        _step("roller_form", "Form", "Formen", "滚压成型", ["MF-ROLL1", "MF-ROLL2"],
              minutes_per_piece="0.15", family="head-soft", **{"yield": "0.97"}),
        _step("handle_dry", "Dry", "Trocknen", "干燥", ["MF-DRY1", "MF-DRY2"], fixed_minutes="960",
              size_per_piece="1", **{"yield": "0.985"}),
        _step("bisque", "Bisque firing", "Schrühbrand", "素烧", ["KB1"], fixed_minutes="1650",
              family="bisque-950", size_per_piece="1", **{"yield": "0.98"}),
        _step("glaze", "Glaze", "Glasieren", "施釉", ["MG-LINE1", "MG-LINE2"], minutes_per_piece="0.16",
              family="glaze-milk", **{"yield": "0.985"}),
        _step("glost", "Glost firing", "Glattbrand", "釉烧", ["KG1", "KG2"], fixed_minutes="1650",
              family="glost-1250-gloss", size_per_piece="1", **{"yield": "0.985"}),
        _step("inspect_pack", "Inspect and pack", "Prüfen und packen", "检验包装", ["MI-PACK1", "MI-PACK2"],
              minutes_per_piece="if(o01.size > 6, 0.4, 0.33)"),
    ],
    "bom": [
        {"material": "LU-BODY-PORC", "name": _names("Porcelain body", "Porzellanmasse", "瓷泥"), "unit": "kg",
         "per_piece": "0.47", "operation": ["roller_form"]},
        {"material": "LU-GLAZE-MILK", "name": _names("Milk glaze", "Glasur Milch", "乳白釉"), "unit": "kg",
         "per_piece": "0.03", "operation": ["glaze"]},
        {"material": "LU-CARTON36", "name": _names("Carton", "Karton", "纸箱"), "unit": "pcs",
         "per_order": "ceil(good / 36)", "operation": ["inspect_pack"]},
    ],
    "packing": {"pieces_per_carton": "36", "kg_per_piece": "0.4", "cubic_metres_per_piece": "0.001"},
}  # fmt: skip
"""A route and materials of Lu Ceramics; how long packing takes hangs on a choice."""
