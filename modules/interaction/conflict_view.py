"""What stands above the options: what cannot go together and the ways out, and what a button has changed."""

from markupsafe import Markup

from cosmo import formats
from cosmo.i18n import N_, gettext
from cosmo.ports import ConflictFound
from cosmo.repairing import Mended
from modules.interaction.changes_view import QUANTITY, SERVICE, change_told, service_names
from modules.interaction.options_view import WRONG, Asked, way_out
from modules.interaction.selecting import change
from modules.interaction.words import difference

_BUTTON = Markup('<button class="fix" type="submit" name="set" value="{}" formnovalidate>{}</button>')


def problem(asked: Asked, locale: str) -> Markup:
    """Each conflict in its rule's words, and the changes that resolve them all."""
    uncounted = Markup("<li>{}</li>").format(asked.problem) if asked.typed else Markup("")
    items = uncounted + Markup("").join(_conflict(asked, c, locale) for c in asked.answer.conflicts)
    if not items:
        return items
    box = Markup('<div class="note note-late" role="alert" id="conflicts">{}<div><ul>{}</ul>{}</div></div>')
    return box.format(WRONG, items, _ways(asked, locale))


def _conflict(asked: Asked, conflict: ConflictFound, locale: str) -> Markup:
    """Its sentence; where no few changes resolve everything, what resolves this one."""
    if asked.repairs:
        return Markup("<li>{}</li>").format(conflict.message)
    chosen = (
        value
        for name in conflict.options
        for value in asked.answer.domains.get(name, ())
        if value.value == asked.selections.get(name) and value.frees and not value.available
    )
    fixes = {fix["value"]: fix["fix"] for fix in (way_out(value, locale) for value in chosen)}
    ways = Markup(" ").join(_BUTTON.format(value, words) for value, words in fixes.items())
    return Markup("<li>{} {}</li>").format(conflict.message, ways)


def _ways(asked: Asked, locale: str) -> Markup:
    """One button for each repair: in words, with its price difference and its day."""
    if not asked.repairs:
        return Markup("")
    button = Markup(
        '<li><button type="submit" name="set" value="{}" formnovalidate>'
        '<b>{}</b> <span class="num">{}</span> <span>{}</span></button></li>'
    )
    rows = Markup("").join(
        button.format(change(one.changes), one.label, _price(one, locale), _day(one, locale))
        for one in asked.repairs
    )
    head = gettext(locale, N_("Each of these makes it possible:"))
    return Markup('<p class="ways-h" id="ways">{}</p><ul class="ways" aria-labelledby="ways">{}</ul>').format(
        head, rows
    )


def _price(one: Mended, locale: str) -> str:
    if one.price is None:
        return ""
    if one.difference is None:
        return formats.money(one.price.amount, one.price.currency, locale)
    if one.difference == 0:
        return gettext(locale, N_("same price"))
    return difference(one.difference, one.price.currency, locale)


def _day(one: Mended, locale: str) -> str:
    return formats.shortday(one.delivery_date, locale) if one.delivery_date else ""


def changed(asked: Asked, locale: str) -> Markup:
    """What a button has changed, and the button that takes it back."""
    said = [words for name, before in asked.was.items() if (words := _change(asked, name, before, locale))]
    if not said:
        return Markup("")
    box = Markup('<div class="note note-you" role="status" id="changed"><p>{} {}</p></div>')
    told = gettext(locale, N_("{changes}."), changes=gettext(locale, N_("; ")).join(said))
    return box.format(told, _BUTTON.format(change(asked.was), gettext(locale, N_("Undo"))))


def _change(asked: Asked, name: str, before: str, locale: str) -> str:
    outside = {QUANTITY: str(asked.quantity), SERVICE: asked.service}
    now = outside.get(name, str(asked.selections.get(name, "")))
    services = service_names(asked.offer.delivery, locale) if asked.offer else {}
    return change_told(asked.described, services, name, before, now, locale)
