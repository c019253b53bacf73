"""The shell's own menu entries; modules bring theirs in `Parts.nav`."""

from cosmo.i18n import N_
from cosmo.parties import PLANT_ROLES, Role
from cosmo.registry import NavItem

_PLANT = frozenset(str(role) for role in PLANT_ROLES)
_PLATFORM = frozenset({str(Role.PLATFORM)})

SHELL = (
    NavItem(N_("Today"), "/plant", _PLANT, 0),
    NavItem(N_("Orders"), "/plant/orders", _PLANT, 10),
    NavItem(N_("Deliveries"), "/admin/deliveries", _PLATFORM, 10),
    NavItem(N_("Tasks"), "/admin/tasks", _PLATFORM | frozenset({str(Role.PLANNER)}), 90),
    NavItem(N_("Modules"), "/admin/modules", _PLATFORM, 30),
    NavItem(N_("Clock"), "/admin/clock", _PLATFORM, 40),
)
