"""Every table of the kernel, imported in one place so that the metadata is complete; whose a table is."""

from sqlalchemy import Table
from sqlmodel import SQLModel

from cosmo import (
    attachments,
    clock,
    codes,
    events,
    idempotency,
    jobs,
    ledger,
    mail,
    orders,
    outbox,
    parties,
    tasks,
    touches,
)
from cosmo.registry import registry

KERNEL = "cosmo"
MODULES_WITH_TABLES = (
    attachments,
    clock,
    codes,
    events,
    idempotency,
    jobs,
    ledger,
    mail,
    orders,
    outbox,
    parties,
    tasks,
    touches,
)


def owners() -> list[str]:
    """The kernel, then every installed module after those it requires."""
    found: list[str] = []

    def add(name: str) -> None:
        module = registry().modules.get(name)
        if module is None or name in found:
            return
        for required in module.requires:
            add(required)
        found.append(name)

    for name in registry().modules:
        add(name)
    return [KERNEL, *found]


def tables_of(owner: str) -> list[Table]:
    """The owner's tables, each after those it refers to."""
    return [table for table in SQLModel.metadata.sorted_tables if owns(owner, table.name)]


def owns(owner: str, table: str) -> bool:
    """A table belongs to the owner whose name and an underscore begin its name."""
    return table.startswith(f"{owner}_")


def unowned() -> list[str]:
    """Tables that no installed owner's name begins."""
    names = owners()
    return [t for t in SQLModel.metadata.tables if not any(owns(owner, t) for owner in names)]
