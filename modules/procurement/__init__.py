"""Procurement: suppliers, materials, stock, purchase orders, and who each piece of supply is for."""

from cosmo.registry import Module, Parts


def _load() -> Parts:
    from modules.procurement.parts import parts

    return parts()


module = Module(name="procurement", title={"en": "Procurement", "de": "Einkauf", "zh": "采购"}, load=_load)
