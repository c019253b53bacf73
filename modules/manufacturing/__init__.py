"""The manufacturing module: work centres, lots, the plan, the floor."""

from cosmo.registry import Module, Parts


def _load() -> Parts:
    from modules.manufacturing.parts import PARTS

    return PARTS


module = Module(
    name="manufacturing", title={"en": "Manufacturing", "de": "Fertigung", "zh": "生产制造"}, load=_load
)
