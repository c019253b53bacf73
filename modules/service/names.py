"""Words for codes, in the reader's language."""

from collections.abc import Callable

from cosmo.i18n import N_, translator
from modules.service.models import ClaimKind

CLAIM_KINDS = {
    ClaimKind.BROKEN: N_("broken"),
    ClaimKind.FLAW: N_("flawed"),
    ClaimKind.WRONG: N_("not as ordered"),
    ClaimKind.MISSING: N_("missing"),
}
SECTIONS = {
    "material": N_("Materials"),
    "operation": N_("Work steps"),
    "firing": N_("Firings"),
    "person": N_("People"),
    "proof": N_("Proof"),
    "shipment": N_("Shipment"),
}


def kind_names(locale: str) -> dict[str, str]:
    """Claim kind -> word."""
    return _said(CLAIM_KINDS, translator(locale))


def section_names(locale: str) -> dict[str, str]:
    """As-built section -> word."""
    return _said(SECTIONS, translator(locale))


def _said(words: "dict[ClaimKind, str] | dict[str, str]", say: Callable[..., str]) -> dict[str, str]:
    return {str(code): say(word) for code, word in words.items()}
