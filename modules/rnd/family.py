"""A product family as its files say it: options, rules, making and price, checked when read.

Everything arrives as text (numbers are exact decimals, `yes` stays the word *yes*), unknown keys are refused.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from cosmo.errors import Invalid
from cosmo.spec import Names

PARTS = ("options", "rules", "making", "price", "cases", "pictures")
"""Files beside `family.yaml`; each becomes the field of that name."""
FILES = ("family.yaml", *(f"{part}.yaml" for part in PARTS))
"""The files of a family, in the order in which people read them."""
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_DEEPEST = 20
LANGUAGES = ("en", "de", "zh")


class FamilyError(Invalid):
    """A family that cannot be read; `detail` names the file or the place.

    `faults` are its sentences one by one, each with the text in the files that it is about.
    """

    type, title = "family", "This product family cannot be used"

    def __init__(self, detail: str, about: str = "", faults: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail)
        self.faults = tuple(faults) or ((detail, about),)


def _all_languages(value: Any) -> Any:
    missing = [language for language in LANGUAGES if not isinstance(value, dict) or not value.get(language)]
    if missing:
        raise ValueError(f"a text is needed in {', '.join(missing)}")
    return value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Texts = Annotated[Names, BeforeValidator(_all_languages)]
Listed = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.]+$", max_length=40)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Value(_Part):
    """One value of a choice. `facts` are words or numbers that rules and formulas read as `option.fact`."""

    id: Word
    name: Texts
    swatch: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")] | None = None
    picture: Word | None = None
    facts: dict[Word, str] = {}


class Scale(_Part):
    """The numbers an integer, a decimal or a measured fact may take."""

    min: Decimal
    max: Decimal
    step: Annotated[Decimal, Field(gt=0)] = Decimal(1)

    def holds(self, number: Decimal) -> bool:
        return self.min <= number <= self.max and (number - self.min) % self.step == 0

    def count(self) -> int:
        return int((self.max - self.min) / self.step) + 1

    def at(self, place: int) -> Decimal:
        return self.min + place * self.step


class Option(_Part):
    """One question to the customer. Choices and colours have `values`; numbers a scale; files an `accept`
    list.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
    type: Literal["choice", "colour", "integer", "decimal", "text", "file"]
    group: str
    name: Texts
    help: Texts | None = None
    picture: Word | None = None
    optional: bool = False
    default: str | None = None
    freeze: Listed = ()
    """Operations by code; the first one that is on the route is the point after which it cannot change."""
    values: tuple[Value, ...] = ()
    unit: str = ""
    min: Decimal | None = None
    max: Decimal | None = None
    step: Decimal = Decimal(1)
    max_length: int = 200
    accept: tuple[str, ...] = ()
    facts: dict[Word, Scale] = {}
    """What is measured from an upload."""

    @property
    def enumerable(self) -> bool:
        return self.type in ("choice", "colour")

    @property
    def numeric(self) -> bool:
        return self.type in ("integer", "decimal")

    @property
    def scale(self) -> Scale:
        if self.min is None or self.max is None:
            raise FamilyError(f"Option {self.id} needs a min and a max.")
        return Scale(min=self.min, max=self.max, step=self.step)

    @cached_property
    def by_id(self) -> dict[str, Value]:
        return {value.id: value for value in self.values}

    def value(self, id_: str) -> Value | None:
        return self.by_id.get(id_)


class RuleText(_Part):
    """A rule in words for the solver (`rule`), or a check on an upload (`check` and its limits in mm, dpi or
    percent of the printed area).
    """

    id: str
    rule: str = ""
    why: Texts | None = None
    check: Literal["", "dpi", "bleed", "lines", "laser_lines", "gamut"] = ""
    limit: Decimal = Decimal(0)
    positive: Decimal = Decimal(0)
    negative: Decimal = Decimal(0)


class RouteLine(_Part):
    """One operation; formulas are text. `pieces` in them is what enters the operation."""

    code: Word
    name: Texts
    when: str = ""
    resources: tuple[str, ...] = Field(min_length=1)
    speed: dict[str, Decimal] = {}
    fixed_minutes: str = "0"
    minutes_per_piece: str = "0"
    family: str = ""
    size_per_piece: str = "1"
    yield_: Annotated[Decimal, Field(gt=0, le=1, alias="yield")] = Decimal(1)
    min_lag: int = 0
    max_lag: int | None = None


class BomText(_Part):
    """One material; exactly one of the three quantities is given.

    `per_piece` counts what enters the consuming operation, `per_good` what the customer gets.
    """

    material: str
    name: Texts
    unit: str
    when: str = ""
    per_piece: str = ""
    per_good: str = ""
    per_order: str = ""
    order_specific: bool = False
    tell: Listed = ()
    """Options whoever makes an order-specific item must know: its size, its artwork, the words on it."""
    operation: Listed = ()


class Packing(_Part):
    """Formulas for one piece: kilograms packed, cubic metres packed, and pieces in a carton."""

    pieces_per_carton: str = "1"
    kg_per_piece: str
    cubic_metres_per_piece: str = "0"


class Making(_Part):
    """How it is made. `good` is what the customer gets where that is not simply the ordered quantity."""

    constants: dict[str, Decimal] = {}
    derived: dict[str, str] = {}
    good: str = "quantity"
    routing: tuple[RouteLine, ...] = Field(min_length=1)
    bom: tuple[BomText, ...] = ()
    packing: Packing


class Driver(_Part):
    """What a price hangs on: `amount` (a formula, for the whole order) of `unit`, at `rate` in list
    currency. A `rush` is `rate` percent where the order is to be there within `amount` days.
    """

    code: Word
    name: Texts
    kind: Literal["amount", "percent", "minimum", "rush"] = "amount"
    unit: str
    amount: str
    rate: Annotated[Decimal, Field(ge=0)]


class Picture(_Part):
    """A drawing that options and values are shown with, as SVG text: shapes only, and no scripts."""

    name: Word
    svg: Annotated[str, Field(max_length=20_000)]


class Group(_Part):
    id: str
    name: Texts


class Note(_Part):
    """A sentence the customer is told where `when` holds."""

    id: str
    when: str
    text: Texts


class Gamut(_Part):
    """Colours that can be fired where `when` holds (empty: always): hue angle in CIELAB, in degrees -> the
    largest chroma there. Between two angles it lies on a straight line. Colours as dark as `dark` (lightness)
    or darker count as fired: black is added, and what they lack in chroma is hardly seen.
    """

    when: str = ""
    chroma: dict[Annotated[Decimal, Field(ge=0, lt=360)], Annotated[Decimal, Field(ge=0)]] = Field(
        min_length=1
    )
    dark: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(0)

    @property
    def limits(self) -> tuple[tuple[Decimal, Decimal], ...]:
        return tuple(sorted(self.chroma.items()))


class ArtworkPlan(_Part):
    """Where uploaded artwork is printed and how large the printable zone is (formulas in mm)."""

    option: str
    used_when: str
    width_mm: str
    height_mm: str
    lines_when: dict[Literal["laser_lines"], str] = {}
    """Checks on lines that replace `lines` where their condition holds."""
    colour_deviation_percent: int = 15
    gamuts: tuple[Gamut, ...] = ()
    """The first whose condition holds counts; where none does, colours are not looked at."""


class QuantityScale(_Part):
    """How many may be ordered. `freeze` as of an option: when it can no longer change."""

    min: int = 1
    max: int
    default: int
    freeze: Listed = ()


class CaseLine(_Part):
    """One material a case expects, with its amount."""

    material: str
    quantity: Decimal
    unit: str
    operation: str


class Case(_Part):
    """A selection and what comes of it. What is not stated is not compared; options not named have their
    default, an empty text leaves one out.
    """

    id: Annotated[str, Field(min_length=1, max_length=60)]
    selections: dict[str, str] = {}
    quantity: Annotated[int, Field(ge=1)]
    measured: dict[str, Decimal] = {}
    """Facts of uploads; where there are none those of a usual upload."""
    bom: tuple[CaseLine, ...] | None = None
    routing: tuple[str, ...] | None = None
    price: dict[str, Decimal] = {}
    """Price driver -> what it comes to at list rates, and `total`."""


class Family(_Part):
    """The whole family. Two families with the same `digest` are the same release."""

    slug: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
    plant: str
    drawing: str
    unit: str = "pcs"
    name: Texts
    blurb: Texts
    title: Texts
    quantity: QuantityScale
    groups: tuple[Group, ...]
    artwork: ArtworkPlan | None = None
    standard: dict[str, Decimal] = {}
    """Measures of a usual upload (`part.box`), for the standard product."""
    one_shade: str = ""
    """Where this condition holds, all pieces of an order come from one shade lot; empty: they may differ."""
    cancelling: dict[str, Annotated[Decimal, Field(ge=0, le=100)]] = {}
    """What is spent once `materials` are ordered, or an operation has begun: percent of the price, at most a
    hundred along any route. Empty: what is usual (`cosmo.cancelling`)."""
    text_glyphs: dict[str, tuple[str, ...]] = {}
    """Text option -> ranges of letters (hexadecimal code points) that can be printed."""
    notes: tuple[Note, ...] = ()
    options: tuple[Option, ...]
    rules: tuple[RuleText, ...] = ()
    making: Making
    price: tuple[Driver, ...] = ()
    cases: tuple[Case, ...] = ()
    pictures: tuple[Picture, ...] = ()

    def picture(self, name: str) -> Picture | None:
        return next((picture for picture in self.pictures if picture.name == name), None)

    def option(self, id_: str) -> Option | None:
        return next((option for option in self.options if option.id == id_), None)

    @property
    def defaults(self) -> dict[str, str]:
        return {option.id: option.default for option in self.options if option.default is not None}


def digest(content: Mapping[str, Any]) -> str:
    """A fingerprint of a family's content, the same whatever the order of its keys."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read_files(folder: Path) -> dict[str, str]:
    """The files of a family's folder as text, to the byte: name -> text, in the order of `FILES`."""
    return {name: _text(folder / name) for name in FILES if (folder / name).exists()}


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise FamilyError(f"{path.parent.name}/{path.name} is not UTF-8 text: {error}") from None


def read_folder(folder: Path) -> dict[str, Any]:
    """A family folder's content as plain text data; comments and layout are gone."""
    return content_of(read_files(folder), folder.name)


def content_of(files: Mapping[str, str], name: str) -> dict[str, Any]:
    """The content of these files of the family `name`. Raises `FamilyError` with the file and the place."""
    if FILES[0] not in files:
        raise FamilyError(f"{name} has no {FILES[0]}.")
    content = _read(files[FILES[0]], f"{name}/{FILES[0]}")
    if not isinstance(content, dict):
        raise FamilyError(f"{name}/{FILES[0]} is not a list of names and values.")
    for part in PARTS:
        read = _read(files.get(f"{part}.yaml", ""), f"{name}/{part}.yaml")
        if read is not None:  # a file of comments alone says nothing
            content[part] = read
    return content


def _read(text: str, place: str) -> Any:
    try:
        refuse_knots(text)
        return yaml.load(text, Loader=LOADER)
    except yaml.YAMLError as error:
        raise FamilyError(f"{place} is not readable: {error}") from None


def refuse_knots(text: str) -> None:
    """Aliases grow without end when they are followed, and so do lists in lists: neither is a family's text.
    Raises `yaml.MarkedYAMLError` with the place.
    """
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        mark: Any = event.start_mark
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="write it out instead of using *", problem_mark=mark)
        if depth > _DEEPEST:
            raise yaml.MarkedYAMLError(problem="too many lists in lists", problem_mark=mark)


def files_of(content: Mapping[str, Any]) -> dict[str, str]:
    """Files that read as `content`, for a release that was made from plain data."""
    rest = {key: value for key, value in content.items() if key not in PARTS}
    parts = {FILES[0]: rest} | {f"{part}.yaml": content[part] for part in PARTS if part in content}
    return {
        name: yaml.dump(part, Dumper=_Plain, allow_unicode=True, sort_keys=False)
        for name, part in parts.items()
    }


class _Plain(yaml.SafeDumper):
    """Writes everything out, also what is the same as before."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def family_of(content: Mapping[str, Any]) -> Family:
    """The family that plain data describes. Raises `FamilyError` with every place that is wrong."""
    try:
        return Family.model_validate(content)
    except ValidationError as error:
        places = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5]]
        raise FamilyError("; ".join(places)) from None


def folders(root: Path) -> list[Path]:
    """`root` itself if it is a family's folder, else the family folders in it, by name."""
    if (root / "family.yaml").exists():
        return [root]
    return sorted(path.parent for path in root.glob("*/family.yaml"))
