"""Interaction: where customers look, configure, order, follow and talk to the plant."""

from cosmo.registry import Module, Parts


def _load() -> Parts:
    from modules.interaction.parts import parts

    return parts()


module = Module(
    name="interaction", title={"en": "Interaction", "de": "Interaktion", "zh": "用户交互"}, load=_load
)
