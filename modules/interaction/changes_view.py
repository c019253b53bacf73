"""A change in words: which option, its value now and the one it had."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cosmo import formats
from cosmo.i18n import N_, gettext, pick
from cosmo.ports import DeliveryAnswer

QUANTITY = "quantity"
SERVICE = "service"


def service_names(delivery: DeliveryAnswer, locale: str) -> dict[str, str]:
    """Code -> name of the delivery that is asked for and of the quicker one."""
    known = [delivery, *([delivery.faster] if delivery.faster else [])]
    return {one.service: pick(one.name, locale) for one in known}


def change_told(
    described: Mapping[str, Any], services: Mapping[str, str], name: str, before: str, now: str, locale: str
) -> str:
    """ "Finish: matt instead of gloss"; empty where it has the value it had. An empty text is nothing chosen,
    or the standard delivery."""
    if now == before:
        return ""
    option: Mapping[str, Any] = next((o for o in described["options"] if o["id"] == name), {})
    label = option.get("name") or gettext(locale, N_("How many"))
    if name == SERVICE:
        label = gettext(locale, N_("Delivery"))
        new, old = _service(services, now, locale), _service(services, before, locale)
    elif now == "":
        return gettext(locale, N_("{option} left out"), option=label)
    elif option.get("type") == "file":
        return gettext(locale, N_("{option} is back"), option=label)
    else:
        new, old = value_told(option, now, locale), value_told(option, before, locale)
    msgid = N_("{option}: {new} instead of {old}") if old else N_("{option}: {new}")
    return gettext(locale, msgid, option=label, new=new, old=old)


def _service(services: Mapping[str, str], code: str, locale: str) -> str:
    return services.get(code) or (code if code else gettext(locale, N_("Standard")))


def value_told(option: Mapping[str, Any], value: str, locale: str) -> str:
    """A value of an option as people read it, with its unit."""
    labels = {str(v["value"]): str(v["label"]) for v in option.get("values", ())}
    if value in labels or option.get("type") == "text":
        return labels.get(value, value)
    written = formats.number(Decimal(value), locale) if value.replace(".", "", 1).isdecimal() else value
    return f"{written} {option.get('unit') or ''}".strip()
