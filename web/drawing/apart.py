"""A stranger's drawing as pixels: drawn by a process of its own, with bounds to its time and memory.

How long a drawing takes cannot be told from its text: a thousand shapes may be a thousand dots, or each as
large as the picture. The bounds are far from what any real drawing takes.
"""

import json
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from web.drawing.effort import is_involved
from web.drawing.raster import order_of

SECONDS, MEGABYTES = 10, 512
"""Of a processor, and of memory."""
_LONGEST = 120
_AT_ONCE = BoundedSemaphore(2)
"""So many are drawn at a time, whoever asks; others wait."""
_DRAWER = Path(__file__).with_name("drawer.py")


class CannotDraw(ValueError):
    """It asks for too much, or for nothing that can be drawn."""


def png_apart(svg: str, width: int, *, crisp: bool = False) -> bytes:
    """As `web.drawing.raster.png_of`. Raises `CannotDraw`."""
    order = order_of(svg, width, crisp=crisp)
    root = fromstring(order["svg_string"])
    if is_involved(root, _pixels(root, width)):
        raise CannotDraw
    command = [sys.executable, "-I", str(_DRAWER), str(SECONDS), str(MEGABYTES)]
    try:
        with _AT_ONCE:
            made = subprocess.run(
                command, input=json.dumps(order).encode(), capture_output=True, timeout=_LONGEST, check=False
            )
    except subprocess.TimeoutExpired:
        raise CannotDraw from None
    if made.returncode or not made.stdout:
        raise CannotDraw
    return made.stdout


def _pixels(root: Element, width: int) -> int:
    try:
        _, _, across, down = (float(number) for number in root.get("viewBox", "").replace(",", " ").split())
        return abs(int(width * width * down / across))
    except (ValueError, ZeroDivisionError, OverflowError):
        return width * width
