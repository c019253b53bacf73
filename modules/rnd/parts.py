"""What research and development brings to the house."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cosmo.brief_ports import Briefer
from cosmo.change_ports import Freezer
from cosmo.i18n import N_
from cosmo.idea_ports import Ideas
from cosmo.journey_ports import AsBuilt, Journey
from cosmo.parties import Role
from cosmo.ports import Configurator, Engineer, Repairer
from cosmo.registry import NavItem, Parts, Slot
from modules.rnd.briefing import ModelledBriefer
from modules.rnd.engineering import HANDLERS
from modules.rnd.idea_keeping import KeptIdeas
from modules.rnd.payloads import PAYLOADS
from modules.rnd.ports import Designed, ModelledConfigurator, ModelledFreezer, ModellingEngineer, ProofJourney
from modules.rnd.repairing import ModelledRepairer
from modules.rnd.slots import order_panel, plant_home, track_panel, track_todo

HERE = Path(__file__).parent
_ENGINEERS = frozenset({str(Role.ENGINEER)})
_READERS = _ENGINEERS | {str(Role.PLANNER), str(Role.SELLER), str(Role.SERVICE)}

_CUSTOMERS = frozenset({str(Role.GUEST), str(Role.CUSTOMER)})


def _routers() -> Sequence[Any]:
    from modules.rnd import (
        api,
        api_drafts,
        api_ideas,
        pages,
        pages_begin,
        pages_drafts,
        pages_ideas,
        pages_pictures,
        pages_plant_ideas,
        pages_releases,
    )

    drafts = (api_drafts.router, pages_begin.router, pages_drafts.router, pages_releases.router)
    ideas = (api_ideas.router, pages_ideas.router, pages_plant_ideas.router)
    return (api.router, *drafts, *ideas, pages_pictures.router, pages.router)


def parts() -> Parts:
    return Parts(
        handlers=HANDLERS,
        ports={
            Configurator: ModelledConfigurator(),
            Engineer: ModellingEngineer(),
            Freezer: ModelledFreezer(),
            Repairer: ModelledRepairer(),
            Briefer: ModelledBriefer(),
            AsBuilt: Designed(),
            Journey: ProofJourney(),
            Ideas: KeptIdeas(),
        },
        nav=(
            NavItem(N_("Products"), "/plant/products", _READERS, 20),
            NavItem(N_("Proofs"), "/plant/proofs", _ENGINEERS, 21),
            NavItem(N_("Ideas"), "/plant/ideas", _READERS, 22),
            NavItem(N_("Ideas"), "/ideas", _CUSTOMERS, 22),
        ),
        slots=(
            Slot("track.todo", track_todo, 5),
            Slot("track.panel", track_panel, 5),
            Slot("order.panel", order_panel, 10),
            Slot("plant.home", plant_home, 30),
        ),
        payloads=PAYLOADS,
        routers=_routers,
        migrations=HERE / "migrations",
        templates=HERE / "templates",
        locales=HERE / "locales",
    )
