"""From what a customer sent to a state the engine can judge: uploads are measured and checked on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlmodel import Session

from cosmo import attachments
from cosmo.errors import NotFound
from cosmo.i18n import N_, sentences
from cosmo.once import once
from cosmo.ports import Answer, Ask, Unbuildable
from cosmo.spec import Spec
from modules.rnd import releases, words
from modules.rnd.artwork import Report, Unreadable, check
from modules.rnd.engine import Engine
from modules.rnd.family import Option, RuleText
from modules.rnd.mesh import Measured, UnreadableMesh, measure
from modules.rnd.models import FamilyRow
from modules.rnd.product import Product
from modules.rnd.resolve import PrintZone, Unmeasured, print_zone, resolve
from modules.rnd.selections import Problem, State, read_state
from modules.rnd.uploads import Upload, upload_of

_OTHER_KIND = N_("{option}: this is not the kind of file that is asked for. Upload another one.")
_GONE = N_("{option}: this file is not here. Upload it again.")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A state with its uploads looked at. `artwork` is the report on what is printed, None where nothing
    is.
    """

    engine: Engine
    release: str
    state: State
    problems: tuple[Problem, ...] = ()
    artwork: Report | None = None
    zone: PrintZone | None = field(default=None)

    @property
    def product(self) -> Product:
        return self.engine.product


def prepare(
    session: Session,
    family: str,
    selections: Mapping[str, Any],
    quantity: int | None,
    release: str | None = None,
) -> Prepared:
    """Read `selections` against the family's current release, or the one named; in one question but once."""
    release = release or releases.current_id(session, family)
    key = ("prepared", release, repr(selections), quantity)  # in words: 1 is not True
    return once(session, key, lambda: _prepared(session, selections, quantity, release))


def _prepared(
    session: Session, selections: Mapping[str, Any], quantity: int | None, release: str
) -> Prepared:
    engine = releases.engine_of(session, release)
    product = engine.product
    problems: list[Problem] = []
    measured = _measures(session, product, selections, problems)
    _check_kinds(session, product, selections, problems)
    state = read_state(product, selections, quantity, measured)
    zone = print_zone(product, state)
    report = _report(session, product, state, zone, problems) if zone else None
    return Prepared(engine, release, state, tuple(problems), report, zone)


def answer(
    session: Session,
    family: str,
    selections: Mapping[str, Any],
    quantity: int | None,
    locale: str,
    release: str | None = None,
) -> Answer:
    """The configurator's answer to one click."""
    got = prepare(session, family, selections, quantity, release)
    reply = got.engine.answer(got.state)
    said = words.answer(got.product, selections, got.state, reply, locale, got.problems)
    return replace(said, inputs=_with_check(got, said.inputs, locale))


def _with_check(got: Prepared, inputs: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """The upload's field says how large it is printed, once it is good enough, and what is printed otherwise
    than the file says.
    """
    plan = got.product.family.artwork
    if plan is None or got.artwork is None or not got.artwork.ok:
        return dict(inputs)
    size = {"width": got.artwork.width_mm, "height": got.artwork.height_mm}
    told = [words.fill(one.msgid, one.values, locale) for one in got.artwork.findings if one.notice]
    fine = N_("{width} × {height} mm in print: fine")
    if told:
        fine = N_("{width} × {height} mm in print: fine; please note:")
    check = sentences([words.fill(fine, size, locale), *told], locale)
    return {**inputs, plan.option: {**inputs[plan.option], "check": check}}


def resolved(session: Session, ask: Ask, release: str | None = None) -> Spec:
    """The product of a complete, possible wish. Raises `Unbuildable` with every conflict and what is
    missing.
    """
    got = prepare(session, ask.family, ask.selections, ask.quantity, release or ask.release)
    _refuse(got, ask.locale)
    try:
        return resolve(got.product, got.state, got.release)
    except Unmeasured as unmeasured:
        raise Unbuildable(unmeasured.detail, conflicts=[]) from None


def _refuse(got: Prepared, locale: str) -> None:
    problems = [*got.state.problems, *got.problems]
    if not problems and got.engine.makeable(got.state):
        return
    wrong = words.conflicts(got.product, got.engine.clashes(got.state), problems, locale)
    if not wrong:
        wrong = words.missing(got.product, got.engine.missing(got.state), locale)
    if wrong:
        told = [{"rule": one.rule, "options": list(one.options), "message": one.message} for one in wrong]
        raise Unbuildable(" ".join(one.message for one in wrong[:3]), conflicts=told)


def measures(session: Session, family: str, selections: Mapping[str, Any]) -> dict[str, Decimal]:
    """What is measured from the uploads; empty for a family that is not offered any more."""
    row = session.get(FamilyRow, family)
    if row is None or not row.release_id:
        return {}
    product = releases.engine_of(session, releases.current_id(session, family)).product
    return _measures(session, product, selections, [])


def _measures(
    session: Session, product: Product, selections: Mapping[str, Any], problems: list[Problem]
) -> dict[str, Decimal]:
    """Facts of uploads that formulas and rules read (`part.wall`)."""
    found: dict[str, Decimal] = {}
    for option in product.files:
        chosen = selections.get(option.id)
        if not option.facts or not chosen:
            continue
        upload = _upload(session, option, str(chosen), problems)
        measured = _measured(upload) if upload else None
        if isinstance(measured, str):
            problems.append(Problem("file", (option.id,), measured))
        elif measured:
            found |= measured.facts(option.id)
    return found


def _check_kinds(
    session: Session, product: Product, selections: Mapping[str, Any], problems: list[Problem]
) -> None:
    """Uploads that are neither measured nor printed are of a kind their option accepts."""
    plan = product.family.artwork
    for option in product.files:
        chosen = selections.get(option.id)
        looked_at = bool(option.facts) or (plan is not None and plan.option == option.id)
        if looked_at or not chosen:
            continue
        upload = _upload(session, option, str(chosen), problems)
        if upload and attachments.find(session, str(chosen)).media_type not in option.accept:
            problems.append(Problem("file", (option.id,), _OTHER_KIND, {"option": option.name}))


def _upload(session: Session, option: Option, chosen: str, problems: list[Problem]) -> Upload | None:
    try:
        return upload_of(session, chosen)
    except NotFound:
        problems.append(Problem("file", (option.id,), _GONE, {"option": option.name}))
        return None


@lru_cache(maxsize=256)
def _measured(upload: Upload) -> Measured | str:
    """Measures of an upload, or the sentence that says why there are none; uploads never change."""
    try:
        return measure(upload.read())
    except UnreadableMesh as error:
        return str(error)


def _report(
    session: Session, product: Product, state: State, zone: PrintZone, problems: list[Problem]
) -> Report | None:
    plan = product.family.artwork
    chosen = state.given.get(plan.option) if plan else None
    if plan is None or chosen is None:
        return None
    upload = _upload(session, product.options[plan.option], str(chosen), problems)
    if upload is None:
        return None
    rules: dict[str, RuleText] = {text.check: text for text in product.family.rules if text.check}
    checked = _checked(upload, zone, _Rules(rules))
    if isinstance(checked, str):
        problems.append(Problem("file", (plan.option,), checked))
        return None
    wrong = [finding for finding in checked.findings if finding.ok is False]
    problems += [Problem(f.rule, (plan.option,), f.msgid, f.values) for f in wrong]
    return checked


class _Rules(dict[str, RuleText]):
    """The family's artwork checks by kind, comparable by what they say, so that reports can be remembered."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(sorted((kind, text.id, text.limit, text.positive) for kind, text in self.items())))


class _Passing(Exception):
    """Carries a report that is not remembered: looked at again, it may say more."""

    def __init__(self, report: Report) -> None:
        self.report = report


def _checked(upload: Upload, zone: PrintZone, rules: _Rules) -> Report | str:
    try:
        return _lasting(upload, zone, rules)
    except _Passing as passing:
        return passing.report


@lru_cache(maxsize=128)
def _lasting(upload: Upload, zone: PrintZone, rules: _Rules) -> Report | str:
    try:
        report = check(upload.read(), zone, rules)
    except Unreadable as error:
        return str(error)
    if not report.lasting:
        raise _Passing(report)
    return report
