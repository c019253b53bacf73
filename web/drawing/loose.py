"""Reads what a page passes without insisting: a key that is not given is None, not an error.

Templates run with strict undefined names, which is right for names and wrong for optional parts of a drawing.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from markupsafe import Markup


class Loose(dict[str, Any]):
    """A mapping whose missing keys read as None."""

    def __missing__(self, key: str) -> None:
        return None


def loose(value: Any) -> Any:
    """The same data, mappings and dataclasses made Loose all the way down; markup and plain values
    untouched."""
    if isinstance(value, Markup | Loose | str):
        return value
    if isinstance(value, Mapping):
        return Loose({str(key): loose(inner) for key, inner in value.items()})
    if is_dataclass(value) and not isinstance(value, type):
        return Loose({f.name: loose(getattr(value, f.name)) for f in fields(value)})
    if isinstance(value, list):
        return [loose(inner) for inner in value]
    if isinstance(value, tuple):
        return tuple(loose(inner) for inner in value)
    return value
