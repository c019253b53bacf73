"""Regression cases of a family: this selection gives this bill of materials, this route, this price."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from difflib import SequenceMatcher
from typing import Any

import yaml

from cosmo.spec import Spec
from modules.rnd import words
from modules.rnd.engine import Engine
from modules.rnd.family import LOADER, Case, FamilyError
from modules.rnd.language import LanguageError
from modules.rnd.product import Product
from modules.rnd.resolve import resolve
from modules.rnd.selections import State, read_state
from modules.rnd.standard import price_lines, standard_selections

TOTAL = "total"
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a failed case. `what`: selection, bom, routing or price; an empty side means nothing."""

    what: str
    subject: str
    expected: str
    found: str


def run(engine: Engine, case: Case, locale: str = "en") -> list[Difference]:
    """Where what comes of the case's selection differs from what it expects; empty where it passes."""
    product = engine.product
    state = _state(product, case)
    refused = _refused(engine, state, locale)
    if refused:
        return [Difference("selection", case.id, "", message) for message in refused]
    try:
        spec = resolve(product, state)
    except (FamilyError, LanguageError) as error:
        return [Difference("selection", case.id, "", error.detail)]
    return [*_bom(case, spec), *_routing(case, spec), *_price(case, product, spec)]


def _state(product: Product, case: Case) -> State:
    known = {name: value for name, value in case.selections.items() if name in product.options}
    measured = {**product.family.standard, **case.measured}
    return read_state(product, {**standard_selections(product), **known}, case.quantity, measured)


def _refused(engine: Engine, state: State, locale: str) -> list[str]:
    """In words, why this cannot be made."""
    product = engine.product
    found = words.conflicts(product, engine.clashes(state), state.problems, locale)
    found = found or words.missing(product, engine.missing(state), locale)
    return [one.message for one in found]


def _bom(case: Case, spec: Spec) -> Iterator[Difference]:
    if case.bom is None:
        return
    expected = {(x.material, x.operation): f"{_plain(x.quantity)} {x.unit}" for x in case.bom}
    found = {(x.material, x.operation or ""): f"{_plain(x.quantity)} {x.unit}" for x in spec.bom}
    for material, operation in dict.fromkeys([*expected, *found]):
        pair = (expected.get((material, operation), ""), found.get((material, operation), ""))
        if pair[0] != pair[1]:
            yield Difference("bom", f"{material} · {operation}", *pair)


def _routing(case: Case, spec: Spec) -> Iterator[Difference]:
    if case.routing is None:
        return
    expected, found = list(case.routing), [step.code for step in spec.routing]
    for tag, a, b, c, d in SequenceMatcher(None, expected, found, autojunk=False).get_opcodes():
        if tag != "equal":
            before = expected[a - 1] if a else ""
            yield Difference("routing", before, ", ".join(expected[a:b]), ", ".join(found[c:d]))


def _price(case: Case, product: Product, spec: Spec) -> Iterator[Difference]:
    found = priced(product, spec)
    named = [
        name for name in dict.fromkeys([*case.price, *found]) if name in case.price or len(case.price) > 1
    ]
    for name in named if case.price else ():
        pair = (case.price.get(name, Decimal(0)), found.get(name, Decimal(0)))
        if pair[0] != pair[1]:
            yield Difference("price", name, *(format(x, "f") if x else "" for x in pair))


def priced(product: Product, spec: Spec) -> dict[str, Decimal]:
    """Every price line at list rates and the total, in whole cents."""
    lines = price_lines(product, spec)
    return {name: _cents(x) for name, x in {**lines, TOTAL: sum(lines.values(), Decimal(0))}.items()}


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _plain(amount: Decimal) -> str:
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def taken(
    product: Product, selections: Mapping[str, Any], spec: Spec, quantity: int, id_: str
) -> dict[str, Any]:
    """A case, as the file has it, of what comes of `selections` now."""
    chosen = {name: str(selections.get(name) or "") for name in product.options}
    usual = standard_selections(product)
    bom = [
        {
            "material": x.material,
            "quantity": _plain(x.quantity),
            "unit": x.unit,
            "operation": x.operation or "",
        }
        for x in spec.bom
    ]
    return {
        "id": id_,
        "selections": {name: value for name, value in chosen.items() if value or name in usual},
        "quantity": str(quantity),
        "bom": bom,
        "routing": [step.code for step in spec.routing],
        "price": {name: format(amount, "f") for name, amount in priced(product, spec).items()},
    }


def again(engine: Engine, case: Case) -> dict[str, Any]:
    """The case with what comes of its selection now; raises `FamilyError` where nothing does."""
    state = _state(engine.product, case)
    refused = _refused(engine, state, "en")
    if refused:
        raise FamilyError(" ".join(refused))
    made = taken(engine.product, {}, resolve(engine.product, state), case.quantity, case.id)
    kept: dict[str, Any] = {"selections": dict(case.selections)}
    if case.measured:
        kept["measured"] = {name: format(value, "f") for name, value in case.measured.items()}
    return {"id": case.id, **kept, **{key: made[key] for key in ("quantity", "bom", "routing", "price")}}


def with_case(text: str, case: Mapping[str, Any]) -> str:
    """The file `cases.yaml` with this case in place of the one of the same id, or at its end; all else stays
    as it is, comments too.
    """
    root = yaml.compose(text, Loader=LOADER)
    written = written_out([case])
    if isinstance(root, yaml.SequenceNode) and root.flow_style:
        known = {one["id"]: one for one in yaml.load(text, Loader=LOADER)}
        return written_out({**known, case["id"]: case}.values())
    nodes = list(root.value) if isinstance(root, yaml.SequenceNode) else []
    place = next((i for i, node in enumerate(nodes) if _id_of(node) == case["id"]), None)
    if place is None:
        return (text if not text or text.endswith("\n") else text + "\n") + written
    lines = text.splitlines(keepends=True)
    start, end = nodes[place].start_mark.line, _last_line(nodes[place])
    return "".join([*lines[:start], written, *lines[end + 1 :]])


def _last_line(node: Any) -> int:
    """The line of the node's last letter; a block's own end mark lies on what follows it."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style:
        mark = node.end_mark
        return int(mark.line - 1 if mark.column == 0 else mark.line)
    children = [part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,))]
    return max((_last_line(child) for child in children), default=int(node.start_mark.line))


def _id_of(node: Any) -> str | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value.value for key, value in pairs if key.value == "id"), None)


class _Dumper(yaml.SafeDumper):
    """Lines of materials, amounts and names in one line each."""


def _short(dumper: yaml.SafeDumper, data: Mapping[str, Any]) -> yaml.Node:
    flat = all(isinstance(value, str) for value in data.values())
    return dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=flat)


def _bare(dumper: yaml.SafeDumper, data: str) -> yaml.Node:
    """Families are read as text: a number needs no quotes."""
    kind = "int" if data.isdigit() else "float" if data.replace(".", "", 1).isdigit() else "str"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", data)


def _row(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    flat = all(isinstance(value, str) for value in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=flat)


_Dumper.add_representer(list, _row)
_Dumper.add_representer(dict, _short)
_Dumper.add_representer(str, _bare)


def written_out(cases: Iterable[Mapping[str, Any]]) -> str:
    """Cases as the text of a file."""
    told = [dict(case) for case in cases]
    return yaml.dump(told, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
