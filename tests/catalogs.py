"""Finds the msgids a package uses, so that a test can say which are not translated."""

from pathlib import Path

from babel.messages.extract import extract_from_dir

KEYWORDS = {"_": None, "N_": None, "gettext": (2,), "ngettext": (2, 3)}
METHODS = [
    ("**.py", "python"),
    ("**.html", "jinja2.ext:babel_extract"),
    ("**.txt", "jinja2.ext:babel_extract"),
]
OPTIONS = {
    "**.html": {"silent": "false", "newstyle_gettext": "true"},
    "**.txt": {"silent": "false", "newstyle_gettext": "true"},
}


def msgids(folder: Path) -> set[str]:
    """Every `_("...")`, `N_("...")`, `gettext(locale, "...")` and template text under `folder`."""
    found: set[str] = set()
    for _file, _line, message, _comments, _context in extract_from_dir(
        folder, METHODS, OPTIONS, keywords=KEYWORDS, strip_comment_tags=False
    ):
        found.add(message[0] if isinstance(message, tuple) else message)
    return found
