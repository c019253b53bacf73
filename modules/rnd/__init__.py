"""Research and development: what can be chosen, what it is made of and how, and the customer's proof."""

from cosmo.registry import Module, Parts


def _load() -> Parts:
    from modules.rnd.parts import parts

    return parts()


module = Module(
    name="rnd",
    title={"en": "Research and development", "de": "Entwicklung", "zh": "研发"},
    load=_load,
)
