"""The files of the sample plants and products, as data: nothing here knows a database."""

from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
FAMILIES = HERE / "families"
PLANTS = ("lu-ceramics", "hansa-cabinets", "rhein-additive")
SEED = 24817
"""What all chance in the sample data and in its players begins with."""


def read_yaml(path: Path) -> Any:
    """With the loader in C where there is one: the files are long."""
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def read_plant(name: str) -> dict[str, Any]:
    """The plant file as data."""
    data = read_yaml(HERE / "plants" / f"{name}.yaml")
    if not isinstance(data, dict):
        raise ValueError(f"{name}.yaml does not hold a plant.")
    return data


def families_of(plant: str) -> dict[str, Path]:
    """The plant's families and the folder of each."""
    folders = sorted(path.parent for path in FAMILIES.glob("*/family.yaml"))
    heads = {folder: read_yaml(folder / "family.yaml") for folder in folders}
    return {str(head["slug"]): folder for folder, head in heads.items() if head["plant"] == plant}


def yields_of(plant: str) -> dict[str, float]:
    """Operation code -> the share of pieces its routing expects to come out good."""
    routings = [read_yaml(folder / "making.yaml")["routing"] for folder in families_of(plant).values()]
    return {step["code"]: float(step.get("yield", 1)) for routing in routings for step in routing}
