"""The interaction module."""

from cosmo.registry import Module, Parts


def _load() -> Parts:
    return Parts()


module = Module(name="interaction", title={"en": "Interaction"}, load=_load)
