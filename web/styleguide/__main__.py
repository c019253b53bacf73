"""`python -m web.styleguide OUT.html` writes the guide, and the compositions beside it as OUT-<name>.html."""

import sys
from pathlib import Path
from typing import Any

from web.styleguide import sample_floor, sample_guide, sample_plant, sample_shop, sample_supplier
from web.styleguide.frame import environment, frame, static_root

SHOP = ("Mugs", "Tiles", "Samples")
SUPPLIER = ("Demand", "Orders", "Deliveries", "Invoices")
PLANT = ("Board", "Orders", "Firings", "What-if", "Materials", "People")


def compositions(locale: str = "en", theme: str = "") -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Every composition by name: the frame around it, and its own `page`."""
    who: dict[str, Any] = {"locale": locale, "theme": theme}
    return {
        "configure": (frame(SHOP, "Mugs", **who), sample_shop.configure()),
        "track": (frame(SHOP, name="Hanna W.", **who), sample_shop.track()),
        "plan": (frame(PLANT, "Board", name="Jonas P.", **who), sample_plant.plan()),
        "floor": (frame(name="Mara", **who), sample_floor.floor()),
        "floor-running": (frame(name="Mara", **who), sample_floor.floor("running")),
        "floor-scrap": (frame(name="Mara", **who), sample_floor.floor("scrap")),
        "floor-counting": (frame(name="Mara", **who), sample_floor.floor("counting")),
        "supplier": (frame(SUPPLIER, "Demand", name="Nordlicht Decals", **who), sample_supplier.supplier()),
    }


def pages(static: str, *, stem: str = "", locale: str = "en", theme: str = "") -> dict[str, str]:
    """All pages as text by name; the guide's name is empty. `static` is where the static files are found."""
    env = environment(static)
    found = {
        name: env.get_template(f"styleguide/{name.partition('-')[0]}.html").render({**context, "page": page})
        for name, (context, page) in compositions(locale, theme).items()
    }
    guide = frame(name="", locale=locale, theme=theme) | {"page": sample_guide.guide(stem, list(found))}
    return {"": env.get_template("styleguide/guide.html").render(guide), **found}


def write(out: Path) -> list[Path]:
    """Write all pages; the first is the guide itself."""
    out.parent.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in pages(static_root(out), stem=out.stem).items():
        path = out.with_name(f"{out.stem}-{name}.html") if name else out
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say where to write: python -m web.styleguide OUT.html")
    for page in write(Path(sys.argv[1])):
        print(page)
