"""This module's part of other pages: the proof on the customer's page, what is made on the plant's."""

from typing import Any

from sqlmodel import Session

from cosmo.i18n import pick
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.promise import spec_of
from modules.rnd import proofing, releases
from modules.rnd.drawing import on_product, sheet
from modules.rnd.family import family_of
from modules.rnd.models import Proof, ProofState, Release
from modules.rnd.proofing import FindingTold, ProofReport
from web.contexts import OrderContext, PlantContext


def track_todo(context: OrderContext) -> str | None:
    """The proof while it waits for the customer."""
    return _proof(context, waits=True)


def track_panel(context: OrderContext) -> str | None:
    """The proof once it is answered."""
    return _proof(context, waits=False)


def _proof(context: OrderContext, *, waits: bool) -> str | None:
    """Its picture, its checks, and two answers while it is open."""
    proof = proofing.latest(context.session, context.order.id)
    if proof is None or context.token is None or waits != is_open(proof, context.order):
        return None
    href = f"/track/{context.token}/proof/artwork?v={proof.version}"
    return context.markup(
        "rnd/track_panel.html",
        token=context.token,
        csrf_field=context.csrf_field,
        typed="",
        problem="",
        **proof_page(context.session, context.order, context.plant, proof, href, context.locale),
    )


def is_open(proof: Proof, order: Order) -> bool:
    """Whether the customer can still answer it."""
    return proof.state == ProofState.OPEN and proofing.is_before_the_end(order)


def proof_page(
    session: Session, order: Order, plant: Plant, proof: Proof, href: str, locale: str
) -> dict[str, Any]:
    """What the proof's templates show."""
    report = ProofReport.model_validate(proof.report)
    release = session.get(Release, order.release) if order.release else None
    drawing = family_of(release.content).drawing if release else ""
    title = pick(spec_of(session, order.id).title, locale)
    return {
        "proof": proof,
        "report": report,
        "checks": [_check(finding, locale) for finding in report.findings],
        "thread": proofing.thread(session, order.id),
        "open": is_open(proof, order),
        "product": on_product(drawing, order.selections, report, href, title),
        "sheet": sheet(report, href, title),
        "timezone": plant.timezone,
    }


def _check(finding: FindingTold, locale: str) -> dict[str, Any]:
    """One line of the checks; `swatches` are the colour asked for and the nearest one that can be fired."""
    state = "notice" if finding.notice else {True: "fine", False: "wrong", None: "unknown"}[finding.ok]
    swatches = [finding.values.get(name, "") for name in ("wanted", "nearest")]
    return {"state": state, "text": finding.text(locale), "swatches": [one for one in swatches if one]}


def order_panel(context: OrderContext) -> str | None:
    """What this order is made of and how, frozen or as quoted, for the plant."""
    spec = spec_of(context.session, context.order.id)
    return context.markup(
        "rnd/order_panel.html",
        spec=spec,
        order=context.order,
        proof=proofing.latest(context.session, context.order.id),
    )


def plant_home(context: PlantContext) -> str | None:
    """Proofs that wait, for engineers."""
    if context.role != "engineer":
        return None
    waiting = proofing.waiting(context.session, [plant.id for plant in context.plants])
    families = releases.families_of(context.session, [plant.id for plant in context.plants])
    return context.markup("rnd/plant_home.html", waiting=waiting, families=families)
