"""Service: warranty, the as-built passport behind a QR code, claims that may become a remake, ratings."""

from cosmo.registry import Module, Parts


def _load() -> Parts:
    from modules.service.parts import parts

    return parts()


module = Module(name="service", title={"en": "Service", "de": "Service", "zh": "服务"}, load=_load)
