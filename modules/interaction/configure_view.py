"""What the configurator page shows: options with their locks and ways out, price lines, date, drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from cosmo import formats
from cosmo.i18n import N_, gettext, ngettext, pick
from cosmo.parties import Plant
from cosmo.ports import Answer, DomainValue, FamilyCard, ShipTo
from cosmo.promise import Offer
from modules.interaction.pictures import picture, tint
from modules.interaction.promise_line import line
from modules.interaction.words import day_month, earlier_chips, hinge, place, weekday
from web.drawing.glazes import GLAZES

UNITS = {"pcs": (N_("{n} piece"), N_("{n} pieces")), "m2": (N_("{n} m²"), N_("{n} m²"))}


@dataclass(frozen=True, slots=True)
class Asked:
    """One state of the configurator: what is chosen, what the engine says, what is offered."""

    card: FamilyCard
    plant: Plant
    described: Mapping[str, Any]
    answer: Answer
    selections: Mapping[str, Any]
    quantity: int
    ship_to: ShipTo
    service: str
    offer: Offer | None
    problem: str
    files: Mapping[str, Mapping[str, str]]
    """Option -> {name, check, href} of an uploaded file."""


def page(asked: Asked, locale: str, now: Any, hidden: Markup) -> dict[str, Any]:
    """Context of `parts/configure.html`."""
    name = pick(asked.card.name, locale)
    action = f"/configure/{asked.card.slug}"
    post = {
        "hx-post": action,
        "hx-trigger": "change delay:120ms",
        "hx-target": "this",
        "hx-swap": "outerMorph",
    }
    return {
        "action": action,
        "attrs": {**post, "hx-encoding": "multipart/form-data", "enctype": "multipart/form-data"},
        "hidden": hidden,
        "refresh": gettext(locale, N_("Show price and date")),
        "tint": tint(asked.card.drawing, asked.selections),
        "title": gettext(locale, N_("{product}, made your way"), product=name),
        "saved": "",
        "product": picture(asked.card.drawing, asked.selections, title=_summary(asked, locale)),
        "promise": _promise(asked, locale),
        "line": _line(asked, locale, now),
        "tabs": _tabs(asked),
        "problem": _problem(asked),
        "groups": _groups(asked, locale),
        "lines": _lines(asked, locale),
        "quantity": _quantity(asked, locale),
        "total": _total(asked, locale),
        "order": _order(asked, locale),
        "keep": {"label": gettext(locale, N_("Keep quote")), "name": "do", "value": "keep"}
        if asked.offer
        else None,
    }


def _summary(asked: Asked, locale: str) -> str:
    return pick(asked.offer.spec.title, locale) if asked.offer else pick(asked.card.name, locale)


def _line(asked: Asked, locale: str, now: Any) -> dict[str, Any] | None:
    if asked.offer is None:
        return None
    return line(asked.offer.promise, asked.offer.spec, now.business, asked.plant.timezone, locale)


def _promise(asked: Asked, locale: str) -> dict[str, Any]:
    if asked.offer is None:
        return {
            "place": gettext(locale, N_("Your date")),
            "weekday": gettext(locale, N_("Not yet")),
            "daymonth": "",
            "waiting": True,
            "hinge": Markup.escape(asked.problem),
        }
    promise = asked.offer.promise
    return {
        "place": place(asked.ship_to.city, locale),
        "weekday": weekday(promise.delivery_date, locale),
        "daymonth": day_month(promise.delivery_date, locale),
        "state": "kept",
        "odds": gettext(locale, N_("Read from the plant's plan a moment ago.")),
        "hold": gettext(locale, N_("We hold the place once you keep the quote.")),
        "hinge": hinge(promise.hinges_on, locale, asked.plant.timezone),
        "hinge_short": hinge(promise.hinges_on, locale, asked.plant.timezone, short=True),
        "earlier_label": gettext(locale, N_("Make it earlier")),
        "earlier": earlier_chips(promise, asked.offer.price.currency, locale),
    }


def _tabs(asked: Asked) -> list[dict[str, Any]]:
    groups = asked.described.get("groups", [])
    first = _first_options(asked)
    return [
        {"label": g["name"], "href": f"#{first[g['id']]}", "current": i == 1, "step": "step"}
        for i, g in enumerate(groups)
        if g["id"] in first
    ]


def _first_options(asked: Asked) -> dict[str, str]:
    """Group -> the element a tab leads to."""
    first: dict[str, str] = {}
    groups = asked.described.get("groups", [])
    for option in asked.described["options"]:
        group = option["group"]
        folded = _folded(group, groups)
        first.setdefault(group, f"fold-{group}" if folded else f"opt-{option['id']}")
    return first


def _folded(group: str, groups: Sequence[Mapping[str, Any]]) -> bool:
    """The first and the last group are folded, what lies between is what customers play with."""
    ids = [g["id"] for g in groups]
    return len(ids) > 2 and group in (ids[0], ids[-1])


def _problem(asked: Asked) -> Markup:
    if not asked.answer.conflicts:
        return Markup("")
    items = Markup("").join(Markup("<li>{}</li>").format(c.message) for c in asked.answer.conflicts)
    return Markup('<div class="note note-late" role="alert" id="conflicts"><ul>{}</ul></div>').format(items)


def _groups(asked: Asked, locale: str) -> list[dict[str, Any]]:
    groups = asked.described.get("groups", [])
    out: list[dict[str, Any]] = []
    for group in groups:
        inner = [_option(asked, o, locale) for o in asked.described["options"] if o["group"] == group["id"]]
        if not inner:
            continue
        if _folded(group["id"], groups):
            chosen = ", ".join(str(i["chosen_label"]) for i in inner if i.get("chosen_label"))
            out.append(
                {
                    "kind": "fold",
                    "name": group["id"],
                    "label": group["name"],
                    "chosen_label": chosen,
                    "groups": inner,
                    "open": False,
                }
            )
        else:
            out += inner
    return out


def _option(asked: Asked, option: Mapping[str, Any], locale: str) -> dict[str, Any]:
    name = str(option["id"])
    values = asked.answer.domains.get(name)
    if values is None:
        return _input(asked, option, locale)
    kind = "swatches" if option["type"] in ("colour", "color") else "segments"
    if option["id"] == "shape" and asked.card.drawing == "mug":
        kind = "shapes"
    chosen = next((v for v in values if v.value == asked.selections.get(name)), None)
    return {
        "kind": kind,
        "name": name,
        "label": option["name"],
        "chosen_label": chosen.label if chosen else "",
        "finish": asked.selections.get("finish", "gloss") if kind == "swatches" else None,
        "values": [_value(v, chosen, kind) for v in values],
        "whys": _whys(values, locale),
    }


def _value(value: DomainValue, chosen: DomainValue | None, kind: str) -> dict[str, Any]:
    is_chosen = value is chosen
    return {
        "value": value.value,
        "label": value.label,
        "chosen": is_chosen,
        "locked": not value.available and not is_chosen,
        "tone": value.value if value.value in GLAZES else value.swatch or None,
        "shape": value.value if kind == "shapes" else None,
    }


def _whys(values: Sequence[DomainValue], locale: str) -> list[dict[str, Any]]:
    """Each reason once, with the change that frees the value."""
    whys: dict[str, dict[str, Any]] = {}
    for value in values:
        if value.available or not value.why or value.why in whys:
            continue
        fix = {}
        if value.frees:
            change = "&".join(f"{k}={v}" for k, v in value.frees.items())
            fix = {"fix": value.frees_label or gettext(locale, N_("Free it")), "name": "set", "value": change}
        whys[value.why] = {"id": value.value, "text": value.why, **fix}
    return list(whys.values())


def _input(asked: Asked, option: Mapping[str, Any], locale: str) -> dict[str, Any]:
    name, told = str(option["id"]), asked.answer.inputs.get(str(option["id"]), {})
    if option["type"] == "file":
        return {"kind": "html", "name": name, "html": _file(asked, option, told, locale)}
    attrs = {k: told[k] for k in ("min", "max", "step") if told.get(k) is not None}
    numeric = option["type"] in ("integer", "decimal", "number")
    if not numeric and told.get("max") is not None:
        attrs = {"maxlength": told["max"]}
    return {
        "kind": "field",
        "name": name,
        "label": option["name"],
        "value": asked.selections.get(name, ""),
        "type": "number" if numeric else "text",
        "hint": option.get("help"),
        "unit": option.get("unit"),
        "attrs": attrs,
        "chosen_label": asked.selections.get(name, ""),
    }


def _file(asked: Asked, option: Mapping[str, Any], told: Mapping[str, Any], locale: str) -> Markup:
    name = str(option["id"])
    accept = ",".join(told.get("accept") or option.get("accept") or ())
    known = asked.files.get(name)
    shown = Markup("")
    if known:
        image = Markup('<img src="{}" alt="" width="48" height="48">').format(known["href"])
        clear = Markup('<button class="btn btn-2 btn-s" name="set" value="{}=">{}</button>').format(
            name, gettext(locale, N_("Remove"))
        )
        shown = Markup(
            '<div class="art"><span class="thumb-box">{}</span><p><b>{}</b><small>{}</small></p>{}</div>'
            '<input type="hidden" name="{}" value="{}">'
        ).format(image, known["name"], known["check"], clear, name, asked.selections.get(name, ""))
    field = Markup(
        '<label class="drop" data-drop><b>{}</b><span>{}</span>'
        '<input type="file" name="upload-{}" accept="{}">'
        "<span data-drop-name></span></label>"
    ).format(option["name"], option.get("help") or "", name, accept)
    return Markup('<div class="opt" id="opt-{}">{}{}</div>').format(name, shown, field)


def _lines(asked: Asked, locale: str) -> list[dict[str, str]]:
    if asked.offer is None:
        return []
    price = asked.offer.price
    return [
        {
            "label": pick(x.text, locale),
            "each": formats.money(x.unit_price, price.currency, locale) if x.unit_price else "",
            "amount": formats.money(x.amount, price.currency, locale),
        }
        for x in price.lines
    ]


def _quantity(asked: Asked, locale: str) -> dict[str, Any]:
    return {
        "value": asked.quantity,
        "label": gettext(locale, N_("How many")),
        "fewer": gettext(locale, N_("Fewer")),
        "more": gettext(locale, N_("More")),
        "step": 12 if asked.card.unit == "pcs" else 1,
        "min": 1,
    }


def counted(quantity: int, unit: str, locale: str) -> str:
    """240 pieces, 60 m²."""
    singular, plural = UNITS.get(unit, UNITS["pcs"])
    return ngettext(locale, singular, plural, quantity)


def _total(asked: Asked, locale: str) -> dict[str, str]:
    count = counted(asked.quantity, asked.card.unit, locale)
    if asked.offer is None:
        return {"each": "", "amount": "–", "brief": count, "details": ""}
    price = asked.offer.price
    each = formats.money(price.amount / Decimal(asked.quantity), price.currency, locale)
    return {
        "each": gettext(locale, N_("{each} each, before VAT"), each=each),
        "amount": formats.money(price.amount, price.currency, locale),
        "brief": gettext(locale, N_("{count}, {each} each,"), count=count, each=each),
        "details": gettext(locale, N_("details")),
    }


def _order(asked: Asked, locale: str) -> dict[str, Any]:
    base = {"name": "do", "value": "order", "busy": gettext(locale, N_("Holding your place…"))}
    if asked.offer is None:
        label = gettext(locale, N_("Order"))
        return {**base, "label": label, "short": label, "why": asked.problem}
    day = asked.offer.promise.delivery_date
    return {
        **base,
        "label": gettext(locale, N_("Order for {day}"), day=formats.day(day, locale)),
        "short": gettext(locale, N_("Order for {day}"), day=day_month(day, locale)),
    }
