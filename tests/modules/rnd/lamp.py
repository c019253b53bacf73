"""A family that no seed has, as an engineer would write it: options, a rule, operations, a price."""

from pathlib import Path

from modules.rnd.folders import zipped
from tests.factories import MONDAY

FAMILY = """\
# Lamps, made on request.
slug: lamp
plant: lu-ceramics
drawing: plain
name: {en: Lamp, de: Lampe, zh: 灯}
blurb: {en: A lamp., de: Eine Lampe., zh: 一盏灯。}
title: {en: "{shade} lamp", de: "Lampe, {shade}", zh: "{shade}灯"}
quantity: {max: 100, default: 10, freeze: [build]}
groups:
  - {id: all, name: {en: All, de: Alles, zh: 全部}}
"""
OPTIONS = """\
- id: shade
  type: choice
  group: all
  name: {en: Shade, de: Schirm, zh: 灯罩}
  default: glass
  values:
    - {id: paper, name: {en: Paper, de: Papier, zh: 纸}, facts: {sheets: 1}}
    - {id: glass, name: {en: Glass, de: Glas, zh: 玻璃}, facts: {sheets: 2}}
- id: bulb
  type: choice
  group: all
  name: {en: Bulb, de: Birne, zh: 灯泡}
  default: cool
  values:
    - {id: cool, name: {en: Cool, de: Kühl, zh: 低温}}
    - {id: hot, name: {en: Hot, de: Heiß, zh: 高温}}
"""
RULES = """\
- id: L1
  rule: bulb = hot excludes shade = paper
  why:
    en: Paper takes no hot bulb.
    de: Papier verträgt keine heiße Birne.
    zh: 纸不能配高温灯泡。
# the last line has no end"""
MAKING = """\
routing:
  - {code: build, name: {en: Build, de: Bauen, zh: 组装}, resources: [BENCH], minutes_per_piece: 5}
  - {code: shield, when: bulb = hot, name: {en: Fit the shield, de: Schirmen, zh: 装隔热罩},
    resources: [BENCH], minutes_per_piece: 1}
bom:
  - {material: "LAMP-{shade}", name: {en: "{shade}", de: "{shade}", zh: "{shade}"}, unit: pcs, per_piece: 1,
    operation: [build]}
packing: {kg_per_piece: 1.5}
"""
PRICE = """\
- {code: shade, name: {en: Shade, de: Schirm, zh: 灯罩}, unit: pcs, amount: good * shade.sheets, rate: 4.20}
- {code: work, name: {en: Work, de: Arbeit, zh: 工时}, unit: min, amount: good * 5, rate: 0.85}
- {code: shield, name: {en: Heat shield, de: Hitzeschutz, zh: 隔热罩}, unit: pcs,
  amount: "if(bulb = hot, good, 0)", rate: 1.15}
- {code: setup, name: {en: Setting up, de: Einrichten, zh: 调机}, unit: times, amount: 1, rate: 12.50}
"""
CASES = """\
- id: glass and hot
  selections: {shade: glass, bulb: hot}
  quantity: 5
  bom:
  - {material: LAMP-GLASS, quantity: 5, unit: pcs, operation: build}
  routing: [build, shield]
  price: {shade: 42.00, work: 21.25, shield: 5.75, setup: 12.50, total: 81.50}
""".replace("\n", "\r\n")
CHOSEN = {"shade": "glass", "bulb": "hot"}
COSTS = {"shade": "42.00", "work": "21.25", "shield": "5.75", "setup": "12.50"}
"""What five of `CHOSEN` cost, line by line."""


def lamp(
    station: str = "BENCH", material: str = "LAMP-{shade}", of_glass: str = "LAMP-GLASS"
) -> dict[str, str]:
    """Its files as text; one has the line ends of another system, another no end of its last line. `of_glass`
    is what `material` comes to for a lamp of glass."""
    making = MAKING.replace("BENCH", station).replace("LAMP-{shade}", material)
    cases = CASES.replace("LAMP-GLASS", of_glass)
    return {"family.yaml": FAMILY, "options.yaml": OPTIONS, "rules.yaml": RULES, "making.yaml": making,
            "price.yaml": PRICE, "cases.yaml": cases}  # fmt: skip


def write_lamp(folder: Path) -> None:
    """The same in a folder."""
    folder.mkdir()
    for name, text in lamp().items():
        (folder / name).write_bytes(text.encode())


def packed(files: dict[str, str], folder: str = "lamp") -> bytes:
    """The files as a zip, in a folder."""
    return zipped(files, folder, MONDAY)
