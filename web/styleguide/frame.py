"""A template environment like the app's, with stand-ins for what a request brings."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from web.assets import linked
from web.drawing.jinja import install

HERE = Path(__file__).resolve().parent.parent
MOMENT = datetime(2026, 6, 18, 9, 10, tzinfo=UTC)


def environment(static_root: str) -> Environment:
    """Strict like the app's: a name that is not passed is an error."""
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def static(path: str) -> str:
        return _existing(path) and f"{static_root}/{path}"

    env.globals["static"] = static
    env.globals["together"] = lambda folder, *files: static(f"{folder}/{files[0]}")
    env.globals["sheets"] = lambda *names: linked(*(static(f"css/{name}.css") for name in names))
    install(env)
    return env


def _existing(path: str) -> str:
    if not (HERE / "static" / path).is_file():
        raise FileNotFoundError(path)
    return path


def static_root(out: Path) -> str:
    """The way from a written page to the static files, as a relative address."""
    return Path(os.path.relpath(HERE / "static", out.resolve().parent)).as_posix()


def frame(
    nav: tuple[str, ...] = (),
    here: str = "",
    *,
    name: str = "",
    locale: str = "en",
    theme: str = "",
    clock_bar: bool = False,
) -> dict[str, Any]:
    """What the app gives every page, for somebody who stands at `here` of `nav`."""
    layout = SimpleNamespace(
        brand="Lu Ceramics",
        nav=tuple((label, "#", label == here) for label in nav),
        locales=("en", "de", "zh"),
        here="#",
        plant="",
        clock=SimpleNamespace(speed=120, paused=False, may_set=True) if clock_bar else None,
    )
    return {
        "_": lambda text: text,
        "locale": locale,
        "layout": layout,
        "csrf": "",
        "csrf_field": Markup(""),
        "now": SimpleNamespace(business=MOMENT, wall=MOMENT),
        "principal": SimpleNamespace(signed_in=bool(name), name=name),
        "request": SimpleNamespace(cookies={"theme": theme} if theme else {}),
        "shortday": _shortday,
        "clock": lambda value, tz="UTC": f"{value:%H:%M}",
        "local": lambda value: value,
        "number": lambda value: f"{value:,}",
    }


def _shortday(value: date) -> str:
    return f"{value:%a} {value.day} {value:%B}"
