"""What the configurator page shows: options with their locks and ways out, price lines, date, drawing."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any

from markupsafe import Markup

from cosmo import formats
from cosmo.clock import Now
from cosmo.i18n import N_, gettext, pick, sentences
from cosmo.offer_ports import LONGEST_CODE
from cosmo.promise import Promise
from cosmo.taxes import tax_on
from modules.interaction.conflict_view import changed, problem
from modules.interaction.options_view import Asked, option_group
from modules.interaction.promise_line import line
from modules.interaction.selecting import address
from modules.interaction.shelf import saved_as, shelf_view
from modules.interaction.words import day_month, earlier_chips, hinge, place, weekday, wished
from web import vat
from web.amounts import counted, each
from web.drawing.captions import caption, laying, turning
from web.drawing.laying import usual, ways
from web.drawing.pictures import picture, tile_of, tint

READ = N_("Read from the plant's plan a moment ago.")


def page(asked: Asked, locale: str, now: Now, hidden: Markup, score: dict[str, str]) -> dict[str, Any]:
    """Context of `parts/configure.html`; `score` is how often the plant keeps its word."""
    name = pick(asked.card.name, locale)
    action = f"/configure/{asked.card.slug}"
    post = {
        "hx-post": action,
        "hx-trigger": "change",
        "hx-target": "#configure",
        "hx-swap": "outerMorph",
        "hx-sync": "this:replace",
    }
    return {
        "action": action,
        "attrs": {**post, "hx-encoding": "multipart/form-data", "enctype": "multipart/form-data"},
        "hidden": hidden,
        "refresh": gettext(locale, N_("Show price and date")),
        "tint": tint(asked.card.drawing, asked.selections),
        "title": gettext(locale, N_("{product}, made your way"), product=name),
        "saved": saved_as(asked.shelf, locale),
        "shelf": shelf_view(asked.card, asked.shelf, locale),
        "product": picture(asked.card.drawing, _looks(asked), title=_drawn(asked, locale)),
        "drawn": _drawn(asked, locale),
        "laying": laying(asked.card.drawing, _looks(asked), locale),
        "solid": turning(asked.card.drawing, _looks(asked), locale),
        "promise": _promise(asked, locale) | {"score": score if asked.offer else None},
        "line": _line(asked, locale, now),
        "tabs": _tabs(asked),
        "problem": asked.lost + changed(asked, locale) + problem(asked, locale),
        "groups": [*_groups(asked, locale), *_delivery(asked, locale), *_wished(asked, locale)],
        "others": _others(asked, locale),
        "lines": _lines(asked, locale),
        "quantity": _quantity(asked, locale),
        "total": _total(asked, locale),
        "order": _order(asked, locale),
        "keep": {"label": gettext(locale, N_("Keep quote")), "name": "do", "value": "keep"}
        if asked.offer
        else None,
    }


def _looks(asked: Asked) -> Mapping[str, Any]:
    return {**(asked.looks or asked.selections), "laid": asked.laid}


def laid_unseen(asked: Asked) -> str:
    """How it is to be laid where the format chosen now cannot be laid so; empty where it is seen."""
    tile = tile_of(_looks(asked))
    is_seen = asked.card.drawing == "tile" and asked.laid in ways(tile) and asked.laid != usual(tile)
    return "" if is_seen else asked.laid


def _drawn(asked: Asked, locale: str) -> str:
    """What the picture shows, in words."""
    return caption(asked.card.drawing, _looks(asked), locale)


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
    wish = wished(promise.requested, promise.delivery_date, locale)
    return {
        "place": place(asked.ship_to.city, locale),
        "weekday": weekday(promise.delivery_date, locale),
        "daymonth": day_month(promise.delivery_date, locale),
        "state": wish.state if wish else "kept",
        "odds": _met(wish.words, promise, locale) if wish else _read_now(promise, locale),
        "hold": gettext(locale, N_("We hold the place once you keep the quote.")),
        "hinge": hinge(promise.hinges_on, locale, asked.plant.timezone),
        "hinge_short": hinge(promise.hinges_on, locale, asked.plant.timezone, short=True),
        "earlier_label": gettext(locale, N_("Make it earlier")),
        "earlier": earlier_chips(promise, asked.offer.price.currency, locale),
        "fit": _fit(asked, locale),
    }


def _met(words: str, promise: Promise, locale: str) -> str:
    """Whether the day that is wanted is met, and how sure that is."""
    return sentences((words, odds(promise, locale)), locale)


def _read_now(promise: Promise, locale: str) -> str:
    """Where the day comes from, until the plant has learnt how sure such days are."""
    told = odds(promise, locale)
    return told if promise.likely else sentences((gettext(locale, READ), told), locale)


def odds(promise: Promise, locale: str) -> str:
    """How sure the day is, learnt from the plant's past, or that it has not learnt it yet."""
    known = promise.likely
    if known is None:
        return gettext(locale, N_("The plant has finished too few orders to say how sure it is."))
    half, most = formats.shortday(known.half, locale), formats.shortday(known.most, locale)
    if half == most:
        return gettext(locale, N_("Nine of ten such orders arrive by {most}."), most=most)
    text = N_("Half of such orders arrive by {half}, nine of ten by {most}.")
    return gettext(locale, text, half=half, most=most)


def _fit(asked: Asked, locale: str) -> dict[str, str]:
    """Where a day and a budget are named, and what comes nearest to them is found."""
    path, _, query = here(asked).partition("?")
    label = gettext(locale, N_("Make it fit your date or your budget"))
    return {"href": f"{path}/fit?{query}", "label": label}


def here(asked: Asked) -> str:
    """The address that brings this state back."""
    return address(
        asked.card.slug, asked.selections, asked.quantity, asked.ship_to, asked.service,
        requested=asked.requested, code=asked.code, design=asked.shelf.design, laid=asked.laid,
    )  # fmt: skip


def _others(asked: Asked, locale: str) -> dict[str, str] | None:
    """Where the choices are that would make it earlier or cheaper; `key` differs for other selections."""
    if asked.offer is None:
        return None
    there = here(asked)
    path, _, query = there.partition("?")
    key = sha256(there.encode()).hexdigest()[:10]
    label = gettext(locale, N_("What would make it earlier or cheaper?"))
    return {"href": f"{path}/alternatives?{query}", "key": key, "label": label}


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


def _groups(asked: Asked, locale: str) -> list[dict[str, Any]]:
    groups = asked.described.get("groups", [])
    out: list[dict[str, Any]] = []
    for group in groups:
        inner = [
            option_group(asked, o, locale) for o in asked.described["options"] if o["group"] == group["id"]
        ]
        if not inner:
            continue
        if _folded(group["id"], groups):
            names = (str(i["chosen_label"]) for i in inner if i.get("chosen_label"))
            chosen = gettext(locale, N_(", ")).join(names)
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


def _delivery(asked: Asked, locale: str) -> list[dict[str, Any]]:
    """A quicker delivery that was chosen, and the way back to the standard one."""
    if not asked.service or asked.offer is None:
        return []
    html = Markup(
        '<div class="opt" id="opt-service"><div class="opt-h"><b>{}</b><span>{}</span></div>'
        '<button class="btn btn-2 btn-s" name="set" value="service=" formnovalidate>{}</button></div>'
    ).format(
        gettext(locale, N_("Delivery")),
        pick(asked.offer.delivery.name, locale),
        gettext(locale, N_("Back to the standard delivery")),
    )
    return [{"kind": "html", "name": "service", "html": html}]


def _wished(asked: Asked, locale: str) -> list[dict[str, Any]]:
    return [_needed(asked, locale), _code(asked, locale)]


def _needed(asked: Asked, locale: str) -> dict[str, Any]:
    """By when it is needed; any day may be asked for, since the answer to one that is past is a sentence."""
    return {
        "kind": "field",
        "name": "requested_date",
        "label": gettext(locale, N_("Needed by")),
        "type": "date",
        "value": asked.requested.isoformat() if asked.requested else asked.typed_day,
        "hint": gettext(locale, N_("If you like. If it cannot be met, you see the nearest day and why.")),
        "error": asked.refused.get("requested_date"),
    }


def _code(asked: Asked, locale: str) -> dict[str, Any]:
    """The code of an offer; one that does not count says why, and the price is as without it."""
    return {
        "kind": "field",
        "name": "offer_code",
        "label": gettext(locale, N_("Offer code")),
        "type": "text",
        "value": asked.code,
        "hint": gettext(locale, N_("If you have one.")),
        "error": asked.refused.get("offer_code") or asked.code_why or None,
        "attrs": {"maxlength": LONGEST_CODE, "autocomplete": "off"},
    }


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
        "value": asked.typed or asked.quantity,
        "label": gettext(locale, N_("How many")),
        "fewer": gettext(locale, N_("Fewer")),
        "more": gettext(locale, N_("More")),
        "step": 12 if asked.card.unit == "pcs" else 1,
        "min": 1,
    }


def _total(asked: Asked, locale: str) -> dict[str, str]:
    count = counted(asked.quantity, asked.card.unit, locale)
    if asked.offer is None:
        return {"each": "", "amount": "–", "brief": count, "details": "", "vat": ""}
    price = asked.offer.price
    tax = tax_on(price.amount, price.currency, asked.plant.country, asked.ship_to.country)
    one = each(price.amount / Decimal(asked.quantity), price.currency, asked.card.unit, locale)
    return {
        "each": gettext(locale, N_("{each}, before VAT"), each=one),
        "amount": formats.money(price.amount, price.currency, locale),
        "brief": gettext(locale, N_("{count}, {each},"), count=count, each=one),
        "details": gettext(locale, N_("details")),
        "vat": vat.brief(tax, price.currency, locale),
    }


def _order(asked: Asked, locale: str) -> dict[str, Any]:
    base = {"name": "do", "value": "order", "busy": gettext(locale, N_("Holding your place…"))}
    if asked.offer is None:
        label = gettext(locale, N_("Order it"))
        return {**base, "label": label, "short": label, "why": asked.problem}
    day = asked.offer.promise.delivery_date
    return {
        **base,
        "label": gettext(locale, N_("Order for {day}"), day=formats.day(day, locale)),
        "short": gettext(locale, N_("Order for {day}"), day=day_month(day, locale)),
    }
