"""The marketing module."""

from cosmo.registry import Module, Parts


def _load() -> Parts:
    return Parts()


module = Module(name="marketing", title={"en": "Marketing"}, load=_load)
