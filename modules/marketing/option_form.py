"""A family's options as fields of a seller's form, and what was chosen in it."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from cosmo.asking import answerers_at
from cosmo.ports import FamilyCard

OPTION = "option-"
"""Before an option's name in the form."""


def option_fields(
    session: Session, card: FamilyCard, typed: Mapping[str, str], locale: str
) -> list[dict[str, Any]]:
    """Every option but files: what a seller offers is one product for everybody."""
    configurator = answerers_at(session, card.manufacturer_id).configurator
    told = configurator.describe(session, card.slug, locale)
    return [
        {
            "name": f"{OPTION}{option['id']}",
            "label": option["name"],
            "unit": option.get("unit") or None,
            "value": typed.get(f"{OPTION}{option['id']}", card.defaults.get(option["id"], "")),
            "choices": [] if option["required"] else [("", "–")],
            "values": [(value["value"], value["label"]) for value in option["values"]],
        }
        for option in told["options"]
        if option["type"] != "file"
    ]


def chosen_in(typed: Mapping[str, str]) -> dict[str, str]:
    """What the form's options say, empty ones too."""
    return {k.removeprefix(OPTION): v.strip() for k, v in typed.items() if k.startswith(OPTION)}


def as_typed(selections: Mapping[str, Any]) -> dict[str, str]:
    """The form's fields that bring these selections back."""
    return {f"{OPTION}{name}": str(value) for name, value in selections.items()}
