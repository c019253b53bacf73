"""A stranger's drawing as pixels: drawn by a process of its own, with bounds to its time and memory.

How long a drawing takes cannot be told from its text: a thousand shapes may be a thousand dots, or each as
large as the picture. The bounds are far from what any real drawing takes.
"""

import json
import logging
import signal
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from web.drawing.drawer import REFUSED
from web.drawing.effort import is_involved
from web.drawing.raster import order_of

SECONDS, MEGABYTES = 10, 512
"""Of a processor, and of memory."""
_LONGEST = 120
WAIT = 5
_AT_ONCE = BoundedSemaphore(2)
"""So many are drawn at a time, whoever asks; others wait so many seconds, with their sessions open."""
_REFUSED = (REFUSED, -signal.SIGXCPU)
"""How the drawer ends where the drawing is at fault: it says so, or its own processor time is up."""
_TOLD = 100
_DRAWER = Path(__file__).with_name("drawer.py")
_log = logging.getLogger("cosmo.web.drawing")


class CannotDraw(ValueError):
    """It asks for too much, or for nothing that can be drawn."""


class NotNow(CannotDraw):
    """There was no time or room for it, or the drawer failed: the same drawing may be drawn later."""


def png_apart(svg: str, width: int, *, crisp: bool = False) -> bytes:
    """As `web.drawing.raster.png_of`. Raises `CannotDraw`."""
    try:
        order = order_of(svg, width, crisp=crisp)
        root = fromstring(order["svg_string"])
        involved = is_involved(root, _pixels(root, width))
    except (SyntaxError, DefusedXmlException, ValueError, ArithmeticError, RecursionError):
        raise CannotDraw from None
    if involved:
        raise CannotDraw
    if not _AT_ONCE.acquire(timeout=WAIT):
        raise NotNow
    try:
        made = _run(json.dumps(order).encode())
    finally:
        _AT_ONCE.release()
    if made.returncode in _REFUSED:
        raise CannotDraw
    if made.returncode or not made.stdout:
        _log.warning("a drawing was not drawn: %s, %s", made.returncode, _last_words(made.stderr))
        raise NotNow
    return made.stdout


def _run(order: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-I", str(_DRAWER), str(SECONDS), str(MEGABYTES)]
    try:
        return subprocess.run(command, input=order, capture_output=True, timeout=_LONGEST, check=False)
    except (subprocess.TimeoutExpired, OSError) as error:
        _log.warning("a drawing was not drawn: %s", type(error).__name__)
        raise NotNow from None


def _last_words(stderr: bytes) -> str:
    """Little, and not of the drawing: what is wrong with that ends in `_REFUSED`, without a word."""
    lines = stderr.decode(errors="replace").strip().splitlines()
    return " … ".join(line[:_TOLD] for line in dict.fromkeys(lines[:1] + lines[-1:]))


def _pixels(root: Element, width: int) -> int:
    try:
        _, _, across, down = (float(number) for number in root.get("viewBox", "").replace(",", " ").split())
        return abs(int(width * width * down / across))
    except (ValueError, ZeroDivisionError, OverflowError):
        return width * width
