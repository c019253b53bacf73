"""`python -m web.styleguide OUT.html` writes the guide, and the compositions beside it as OUT-<name>.html."""

import sys
from pathlib import Path
from typing import Any

from web.styleguide import sample_plant, sample_shop, sample_supplier
from web.styleguide.frame import environment, frame, static_root

SHOP = ("Mugs", "Tiles", "Samples")
SUPPLIER = ("Demand", "Orders", "Deliveries", "Invoices")
PLANT = ("Board", "Orders", "Firings", "What-if", "Materials", "People")


def pages(locale: str = "en") -> dict[str, tuple[str, dict[str, Any]]]:
    """Every composition: template, and what it is given."""
    return {
        "configure": ("styleguide/configure.html", {**frame(SHOP, "Mugs", locale=locale), "page": sample_shop.configure()}),
        "track": ("styleguide/track.html", {**frame(SHOP, name="Hanna W.", locale=locale), "page": sample_shop.track()}),
        "plan": ("styleguide/plan.html", {**frame(PLANT, "Board", name="Jonas P.", locale=locale), "page": sample_plant.plan()}),
        "floor": ("styleguide/floor.html", {**frame(name="Mara", locale=locale), "page": sample_plant.floor()}),
        "supplier": ("styleguide/supplier.html", {**frame(SUPPLIER, "Demand", name="Nordlicht Decals", locale=locale), "page": sample_supplier.supplier()}),
    }


def write(out: Path) -> list[Path]:
    """Write all pages; the first is the guide itself."""
    out.parent.mkdir(parents=True, exist_ok=True)
    env = environment(static_root(out))
    written = []
    for name, (template, context) in pages().items():
        path = out.with_name(f"{out.stem}-{name}.html")
        path.write_text(env.get_template(template).render(context), encoding="utf-8")
        written.append(path)
    return written


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say where to write: python -m web.styleguide OUT.html")
    for page in write(Path(sys.argv[1])):
        print(page)
