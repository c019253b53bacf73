"""Marketing: what things cost and on what terms, what is offered, what customers ask for, and the invoice."""

from cosmo.registry import Module, Parts


def _load() -> Parts:
    from modules.marketing.parts import parts

    return parts()


module = Module(name="marketing", title={"en": "Marketing", "de": "Marketing", "zh": "营销"}, load=_load)
