"""The service module."""

from cosmo.registry import Module, Parts


def _load() -> Parts:
    return Parts()


module = Module(name="service", title={"en": "Service"}, load=_load)
