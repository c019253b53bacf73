"""The configurator's options: values with their locks, the reason, and the change that frees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from markupsafe import Markup

from cosmo.i18n import N_, gettext, sentences
from cosmo.ids import new_id
from cosmo.parties import Plant
from cosmo.ports import Answer, DomainValue, FamilyCard, ShipTo
from cosmo.promise import Offer
from cosmo.repairing import Mended
from modules.interaction.selecting import change
from modules.interaction.shelf import Shelf
from web.drawing.glazes import GLAZES

NO_SHELF = Shelf()
NOTHING = Markup("")


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
    refused: Mapping[str, str] = field(default_factory=dict)
    """Option -> why the file that was just sent is not taken; `quantity` -> why that is none."""
    looks: Mapping[str, Any] = field(default_factory=dict)
    """What is drawn: the selections, and what was measured from uploads."""
    typed: str = ""
    """What was written as the quantity, where that is none."""
    repairs: tuple[Mended, ...] = ()
    was: Mapping[str, str] = field(default_factory=dict)
    """What a button has just changed: option, `quantity` or `service` -> the value it had, empty for
    none."""
    requested: date | None = None
    """By when it is needed."""
    typed_day: str = ""
    """What was written as that day, where that is none."""
    code: str = ""
    """Of an offer, as it was typed."""
    code_why: str = ""
    """Why it takes nothing off."""
    lost: Markup = NOTHING
    """Where it comes from, and what of it is not offered any more, to be said once."""
    shelf: Shelf = NO_SHELF
    """What can be started from, and the saved design that is open."""
    laid: str = ""
    """How the picture shows it laid."""

    def impossible(self) -> bool:
        """Something in it can never be, whatever else is chosen; choices that fight can, and files."""
        files = {str(o["id"]) for o in self.described["options"] if o["type"] == "file"}
        alone = (c.options[0] for c in self.answer.conflicts if len(c.options) == 1)
        return bool(self.refused) or any(name not in files for name in alone)


WRONG = Markup('<svg class="i" viewBox="0 0 24 24" aria-hidden="true"><use href="#i-late"></use></svg>')


def option_group(asked: Asked, option: Mapping[str, Any], locale: str) -> dict[str, Any]:
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
        "picture": _address(asked, str(option.get("picture") or "")),
        "help": option.get("help") or "",
        "values": [_value(asked, v, chosen, kind) for v in values],
        "whys": _whys(values, locale),
    }


def _value(asked: Asked, value: DomainValue, chosen: DomainValue | None, kind: str) -> dict[str, Any]:
    is_chosen = value is chosen
    return {
        "value": value.value,
        "label": value.label,
        "chosen": is_chosen,
        "locked": not value.available and not is_chosen,
        "tone": value.value if value.value in GLAZES else value.swatch or None,
        "shape": value.value if kind == "shapes" else None,
        "picture": _address(asked, value.picture),
    }


def _address(asked: Asked, picture: str) -> str:
    """Where the release has the picture; empty: there is none."""
    return f"/picture/{asked.described['release']}/{picture}.svg" if picture else ""


def _whys(values: Sequence[DomainValue], locale: str) -> list[dict[str, Any]]:
    """Each reason once, with the change that frees the value."""
    whys: dict[str, dict[str, Any]] = {}
    for value in values:
        if value.available or not value.why or value.why in whys:
            continue
        fix = way_out(value, locale) if value.frees else {}
        whys[value.why] = {"id": value.value, "text": value.why, **fix}
    return list(whys.values())


def way_out(value: DomainValue, locale: str) -> dict[str, str]:
    """The button that frees a locked value."""
    words = value.frees_label or gettext(locale, N_("Free it"))
    return {"fix": words, "name": "set", "value": change(value.frees or {})}


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
        "error": _wrong_with(asked, name, locale) or None,
        "unit": option.get("unit"),
        "attrs": attrs,
        "chosen_label": asked.selections.get(name, ""),
    }


def _file(asked: Asked, option: Mapping[str, Any], told: Mapping[str, Any], locale: str) -> Markup:
    name = str(option["id"])
    refused = asked.refused.get(name) or _wrong_with(asked, name, locale)
    accept = ",".join(told.get("accept") or option.get("accept") or ())
    wrong = Markup('<p class="error" role="alert">{}<span>{}</span></p>').format(WRONG, refused)
    wrong = wrong if refused else Markup("")
    # another id for every answer that took or refused a file: the field is then a new, empty one, and the
    # same file is not sent again with the next choice
    field_id = new_id() if name in asked.refused else asked.selections.get(name, "none")
    box = Markup(
        '<label class="drop" id="drop-{}-{}" data-drop><b>{}</b><span>{}</span>'
        '<input type="file" name="upload-{}" accept="{}"><span data-drop-name></span></label>'
    ).format(name, field_id, option["name"], option.get("help") or "", name, accept)
    shown = _file_shown(asked, name, str(told.get("check", "")), locale)
    return Markup('<div class="opt" id="opt-{}">{}{}{}</div>').format(name, shown, wrong, box)


def _wrong_with(asked: Asked, name: str, locale: str) -> str:
    """What is wrong with the file itself, said where the file is."""
    return sentences((c.message for c in asked.answer.conflicts if c.options == (name,)), locale)


def _file_shown(asked: Asked, name: str, check: str, locale: str) -> Markup:
    """The file that is chosen, and the button that takes it away."""
    known = asked.files.get(name)
    if not known:
        return Markup("")
    picture = (
        Markup('<img src="{}" alt="" width="48" height="48">').format(known["href"]) if known["href"] else ""
    )
    return Markup(
        '<div class="art"><span class="thumb-box">{}</span><p><b>{}</b><small>{}</small></p>'
        '<button class="btn btn-2 btn-s" name="set" value="{}=">{}</button></div>'
        '<input type="hidden" name="{}" value="{}">'
    ).format(
        picture,
        known["name"],
        check or known["check"],
        name,
        gettext(locale, N_("Remove")),
        name,
        asked.selections[name],
    )
