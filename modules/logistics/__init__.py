"""The logistics module."""

from cosmo.registry import Module, Parts


def _load() -> Parts:
    return Parts()


module = Module(name="logistics", title={"en": "Logistics"}, load=_load)
