"""Several files that come as one, since each file is one more wait on a slow phone: those that are named
together, and a script with the modules that it imports.

Each imported module becomes a function that is called once and gives back what the module exports. The
house's scripts keep to a few forms, and any other is refused: `import * as name from "./file.js"`,
`import { a, b } from "./file.js"`, and `export` before a function or a `const`. What is imported later, by
`import()`, stays a file of its own.
"""

import re
from functools import lru_cache
from pathlib import Path

_IMPORT = re.compile(r"""^import (?:\* as (\w+)|(\{ \w+(?:, \w+)* \})) from "\./([\w.]+)";$""", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:(?:async )?function|const) (\w+))", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b(?!\().*$", re.MULTILINE)


@lru_cache(maxsize=64)
def together(folder: Path, names: tuple[str, ...], suffix: str) -> str | None:
    """These stylesheets (`.css`) or plain scripts (`.js`) one after the other; None where there is no such
    one."""
    files = {path.stem: path for path in folder.glob(f"*{suffix}")}
    if len(names) > len(files) or not files.keys() >= set(names):
        return None
    return (";\n" if suffix == ".js" else "\n").join(files[name].read_text("utf-8") for name in names)


@lru_cache(maxsize=64)
def script(path: Path) -> str | None:
    """The script with all that it imports; None where there is none, or it imports nothing.

    Raises ValueError where it imports or exports in a form that is not known here.
    """
    if not path.is_file():
        return None
    made: dict[str, str] = {}
    body = _with_imports(path, made)
    return "\n".join([*made.values(), body]) if made else None


def _with_imports(path: Path, made: dict[str, str]) -> str:
    """A module's text that takes what it imports from the functions in `made`, which come before it."""
    text = path.read_text("utf-8")
    for _, _, file in _IMPORT.findall(text):
        if file not in made:
            body = _with_imports(path.parent / file, made)
            made[file] = f"const {_name(file)} = {_called(body)};"
    text = _IMPORT.sub(lambda found: f"const {found[1] or found[2]} = {_name(found[3])};", text)
    other = _OTHER.search(_EXPORT.sub("", text))
    if other is not None:
        raise ValueError(f"{path.name} cannot be joined with others: {other[0]}")
    return text


def _called(body: str) -> str:
    exported = ", ".join(_EXPORT.findall(body))
    return f"(() => {{\n{_EXPORT.sub('', body)}\nreturn {{ {exported} }};\n}})()"


def _name(file: str) -> str:
    return f"${file.removesuffix('.js')}"
