"""The access table (`access_table.csv`): every route, and for every role allow or deny.

`python -m tests.access` prints rows for routes that are not in the table, as the code stands: read each,
put right what is wrong (in the code or in the row), then append it. Columns: method, path, one per role,
`body`: what to send so that a foreign id is refused for being foreign, not for a missing field: JSON, or
`form:name=value&...`; and `query`, which may be left out: `plant=<slug>`. `<order_id>` in them stands for
the id under test.

Whose an id is. A plant's people belong to its manufacturer: planners, operators, engineers, sellers and
service work at **all** its sites, so what lies at the other site is as much theirs as what lies here. A
supplier and a carrier see their own rows at every site, never another supplier's or carrier's; a customer
and a guest their own orders. The platform sees tenants, tasks and deliveries, and no order.

Ids in paths: `order_id`, `token`, `slug`, `plant`, `family` and `plant_family` (what `family` means under a
plant's address) are known. A module makes its own known in `tests/modules/<module>/access_ids.py` with
`def ids(session, world) -> dict[str, Ids]`. For every role that a row allows, the walk asks for an own id,
and for a sister's or a sibling's; what there is not is said with `nobody` or `public`.
"""

import csv
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sse_starlette import EventSourceResponse

from cosmo.db import Database
from cosmo.parties import Role
from cosmo.settings import read_settings
from web.app import create_app
from web.deps import allowed_roles

TABLE = Path(__file__).parent / "access_table.csv"
ROLES = tuple(Role)
OPEN = frozenset({"/api/v1/openapi.json", "/static"})
"""Mounted by the framework for everyone; they show nothing of anybody."""


@dataclass(frozen=True, slots=True)
class Ids:
    """Values for one parameter; a foreign one answers 404 to everybody but the `unscoped`."""

    own: Mapping[Role, str] = field(default_factory=dict)
    sister: Mapping[Role, str] = field(default_factory=dict)
    """At the manufacturer's other site: theirs as well."""
    sibling: Mapping[Role, str] = field(default_factory=dict)
    """The same kind of thing beside them, not theirs: another customer's order at the same plant."""
    foreign: str = "00000000000000000000000000"
    unscoped: frozenset[Role] = frozenset()
    """Roles to whom every such id is their business."""
    nobody: frozenset[Role] = frozenset()
    """Roles that may call but have none of their own: a supplier with a quote's page."""
    public: bool = False
    """Whoever knows it may: a tracking link, a family. `own` leads somewhere, `foreign` nowhere."""

    def lacking(self, role: Role) -> str:
        """What the walk needs to try this role with, and has not; empty if it is all there."""
        if role in self.unscoped or self.public:
            return "" if role in self.own else "own"
        has_own = role in self.own or role in self.nobody
        beside = role in self.sister or role in self.sibling or role is Role.PLATFORM
        return "own" if not has_own else "" if beside else "sister or sibling"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    method: str
    path: str
    allowed: frozenset[Role]
    body: str
    query: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.path

    @property
    def names(self) -> tuple[str, ...]:
        """The ids it takes: in its path, in the body and in the query."""
        said = re.findall(r"<(\w+)>", self.body + self.query)
        return tuple(dict.fromkeys(re.findall(r"\{(\w+)", self.path) + said))


@dataclass(frozen=True, slots=True)
class Found:
    """One route of the app. `allowed` is None where the route does not say who may call it."""

    method: str
    path: str
    allowed: frozenset[Role] | None
    streams: bool

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.path


def rows() -> list[Row]:
    """The table as written. Raises on a cell that is neither allow nor deny."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return [_row(line) for line in csv.DictReader(file)]


def _row(line: dict[str, str]) -> Row:
    cells = {role: line[role.value] for role in ROLES}
    wrong = {role.value: cell for role, cell in cells.items() if cell not in ("allow", "deny")}
    if wrong:
        raise ValueError(f"{line['method']} {line['path']}: neither allow nor deny: {wrong}")
    allowed = frozenset(role for role, cell in cells.items() if cell == "allow")
    return Row(line["method"], line["path"], allowed, line["body"] or "", line["query"] or "")


def routes(app: FastAPI) -> Iterator[Found]:
    """Every route of the app but `OPEN`."""
    for context in iter_route_contexts(app.routes):
        if context.path is None or context.path in OPEN:
            continue
        dependant = getattr(context, "dependant", None)
        said = [allowed_roles(d.call) for d in dependant.dependencies] if dependant else []
        known = [roles for roles in said if roles is not None]
        allowed = frozenset.intersection(*known) if known else None
        streams = getattr(context.endpoint, "__annotations__", {}).get("return") is EventSourceResponse
        for method in sorted((context.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Found(method, context.path, allowed, streams)


def disagreements(app: FastAPI) -> list[str]:
    """Where the table and the code do not say the same of a route, in words."""
    found, table = {route.key: route for route in routes(app)}, {row.key: row for row in rows()}
    silent = [key for key, route in found.items() if route.allowed is None]
    said = [f"{key}: does not say who may call it; add allow(...)" for key in silent]
    said += [
        f"{key}: not in tests/access_table.csv; `python -m tests.access` prints the row to check and append"
        for key in found.keys() - table.keys()
    ]
    said += [f"{key}: in the table, but no such route" for key in table.keys() - found.keys()]
    said += [
        f"{key}: the code allows others than the table"
        for key in found.keys() & table.keys()
        if found[key].allowed not in (None, table[key].allowed)
    ]
    return said + (["a route stands twice in the table"] if len(rows()) != len(table) else [])


def line_for(found: Found) -> str:
    """A row of the table that says what the code does now."""
    cells = ["allow" if role in (found.allowed or ()) else "deny" for role in ROLES]
    return ",".join([found.method, found.path, *cells, ""])


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        settings = read_settings({"COSMO_HOME": home})
        app = create_app(settings, Database(settings.database_url))
        known = {row.key for row in rows()}
        for found in routes(app):
            if found.key not in known:
                sys.stdout.write(line_for(found) + "\n")


if __name__ == "__main__":
    main()
