"""Logistics: packs what is made into labelled units, hands it to a carrier, and proves the delivery."""

from cosmo.registry import Module, Parts


def _load() -> Parts:
    from modules.logistics.parts import parts

    return parts()


module = Module(name="logistics", title={"en": "Logistics", "de": "Logistik", "zh": "物流"}, load=_load)
