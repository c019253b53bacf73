"""Where something stands in a family's files: the file and the line, for whoever has to mend it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from modules.rnd.family import FILES, LOADER, PARTS

_IDS = ("id", "code", "material")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, counted from 1; 0 where only the file is known."""

    file: str
    line: int = 0


class Places:
    """Looks into files that can be read; what is not found is placed as near as it is known."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._roots = {name: yaml.compose(files[name], Loader=LOADER) for name in FILES if name in files}

    def at(self, path: Sequence[str | int]) -> Place:
        """The place of a path through the whole family: `("options", 3, "name", "de")`."""
        part = path[0] if path and path[0] in PARTS else None
        file = f"{part}.yaml" if part else FILES[0]
        return self._down(file, path[1:] if part else path)

    def item(self, part: str, id_: str, *path: str | int) -> Place:
        """The place of the rule, option, operation, driver or case called `id_`, or of something in it."""
        file = f"{part}.yaml"
        for node, line in _items(self._roots.get(file)):
            if _name_of(node) == id_:
                return _walk(file, node, line, path)
        return Place(file)

    def text(self, text: str) -> Place:
        """The first place where exactly this text stands."""
        for file, root in self._roots.items():
            line = next((node.start_mark.line + 1 for node in _scalars(root) if node.value == text), 0)
            if line and text:
                return Place(file, line)
        return Place("")

    def _down(self, file: str, path: Sequence[str | int]) -> Place:
        root = self._roots.get(file)
        return Place(file) if root is None else _walk(file, root, 1, path)


def _walk(file: str, node: Any, line: int, path: Sequence[str | int]) -> Place:
    for step in path:
        found = _child(node, step)
        if found is None:
            break
        node, line = found
    return Place(file, line)


def _child(node: Any, step: str | int) -> tuple[Any, int] | None:
    if isinstance(node, yaml.MappingNode):
        return next(
            ((value, key.start_mark.line + 1) for key, value in node.value if key.value == str(step)), None
        )
    if not isinstance(node, yaml.SequenceNode):
        return None
    by_name = [one for one in node.value if _name_of(one) == step]
    if isinstance(step, int) and step < len(node.value):
        by_name = [node.value[step]]
    return (by_name[0], by_name[0].start_mark.line + 1) if by_name else None


def _items(root: Any) -> Iterator[tuple[Any, int]]:
    """Every entry of every list in the file, and every named one, with its line."""
    if isinstance(root, yaml.SequenceNode):
        for node in root.value:
            yield node, node.start_mark.line + 1
    elif isinstance(root, yaml.MappingNode):
        for _, value in root.value:
            yield from _items(value)


def _name_of(node: Any) -> str | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    named = {key.value: value.value for key, value in node.value if key.value in _IDS}
    return next((named[key] for key in _IDS if key in named), None)


def _scalars(node: Any) -> Iterator[Any]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for one in node.value:
            yield from _scalars(one)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(key)
            yield from _scalars(value)
