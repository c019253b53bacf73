"""From a form or an address to selections and back: only known options, empty means not chosen."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cosmo.offer_ports import LONGEST_CODE
from cosmo.ports import FamilyCard, ShipTo
from web.drawing.laying import WAYS


def read(options: Iterable[Mapping[str, Any]], form: Mapping[str, Any], card: FamilyCard) -> dict[str, Any]:
    """Selections from a form; a form without any option at all is a first visit and gets the defaults."""
    names = [str(option["id"]) for option in options]
    if not any(name in form for name in names):
        return dict(card.defaults)
    return {name: form[name] for name in names if isinstance(form.get(name), str) and form[name] != ""}


def change(values: Mapping[str, Any]) -> str:
    """The value of a button named `set` that makes these choices; None or an empty text clears one."""
    return urlencode({name: "" if value is None else value for name, value in values.items()})


def changed(form: Mapping[str, Any]) -> dict[str, Any]:
    """The form after its button `set` was pressed: options, the quantity or the service get other values."""
    made = _pairs(form.get("set"))
    return {name: value for name, value in {**form, **made}.items() if name not in ("set", "was", "met")}


def was(form: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    """What a button has just changed of `names`, with the values before; the address carries it on."""
    made = _pairs(form.get("set"))
    before = {name: str(form.get(name) or "") for name, value in made.items() if form.get(name) != value}
    known = set(names)
    return {name: value for name, value in (before or _pairs(form.get("was"))).items() if name in known}


def set_by(value: str) -> set[str]:
    """The names that a button named `set` with this value changes."""
    return set(_pairs(value))


def _pairs(text: Any) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True)) if isinstance(text, str) else {}


def quantity_of(form: Mapping[str, Any], default: int) -> int:
    """A whole number of at least one; anything else is the default."""
    text = str(form.get("quantity", "")).strip()
    return int(text) if text.isdecimal() and len(text) < 7 and 0 < int(text) <= 100_000 else default


def quantity_wrong(form: Mapping[str, Any]) -> bool:
    """Something is typed as the quantity, and it is none."""
    return str(form.get("quantity", "")).strip() != "" and quantity_of(form, 0) == 0


def day_of(form: Mapping[str, Any]) -> date | None:
    """The day by which it is needed; None where none, or none that can be read, is written."""
    text = str(form.get("requested_date") or "").strip()
    try:
        return date.fromisoformat(text) if text.isascii() and len(text) == len("2026-06-26") else None
    except ValueError:
        return None


def day_wrong(form: Mapping[str, Any]) -> bool:
    """Something is typed as that day, and it is none."""
    return str(form.get("requested_date") or "").strip() != "" and day_of(form) is None


def code_of(form: Mapping[str, Any]) -> str:
    """The code of an offer, as it was typed; what is longer than any code is none's (see `code_wrong`)."""
    typed = str(form.get("offer_code") or "").strip()
    return "".join(sign for sign in typed if sign.isprintable())


def code_wrong(form: Mapping[str, Any]) -> bool:
    """Something is typed as a code that is longer than any."""
    return len(code_of(form)) > LONGEST_CODE


def laid_of(form: Mapping[str, Any]) -> str:
    """How the picture shows it laid, or would (`laid_wish`) where the format allows it; empty for the usual
    way, and for one that nobody knows."""
    said = (str(form.get(name) or "") for name in ("laid", "laid_wish"))
    return next((way for way in said if way in WAYS), "")


def ship_to_of(form: Mapping[str, Any]) -> ShipTo:
    """Whereto, as far as it is known."""
    country = str(form.get("country") or "DE").upper()[:2]
    return ShipTo(
        city=str(form.get("city") or "")[:120],
        postal_code=str(form.get("postal_code") or "")[:20],
        country=country if country.isalpha() and len(country) == 2 else "DE",
    )


def address(
    family: str,
    selections: Mapping[str, Any],
    quantity: int,
    ship_to: ShipTo,
    service: str = "",
    was: Mapping[str, str] | None = None,
    requested: date | None = None,
    code: str = "",
    design: str = "",
    laid: str = "",
) -> str:
    """A link that brings this very configuration back, and once what it was before (`was`); `design`: the
    saved one it goes on from; `laid`: how the picture shows it."""
    query = {
        **selections,
        "quantity": quantity,
        "country": ship_to.country,
        "city": ship_to.city,
        "postal_code": ship_to.postal_code,
        "service": service,
        "requested_date": requested.isoformat() if requested else "",
        "offer_code": code,
        "was": change(was or {}),
        "design": design,
        "laid": laid,
    }
    return f"/configure/{family}?{urlencode({k: v for k, v in query.items() if v != ''})}"
