"""Procurement: suppliers, materials, stock, purchase orders, and who each piece of supply is for."""

from cosmo.registry import Module, Parts


def _load() -> Parts:
    from modules.procurement.handlers import HANDLERS
    from modules.procurement.jobs import JOBS
    from modules.procurement.payloads import PAYLOADS
    from modules.procurement.ports import PORTS

    return Parts(handlers=HANDLERS, ports=PORTS, jobs=JOBS, payloads=PAYLOADS)


module = Module(name="procurement", title={"en": "Procurement", "de": "Einkauf", "zh": "采购"}, load=_load)
