"""The rnd module."""

from cosmo.registry import Module, Parts


def _load() -> Parts:
    return Parts()


module = Module(name="rnd", title={"en": "Rnd"}, load=_load)
