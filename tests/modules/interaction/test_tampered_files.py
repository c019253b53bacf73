"""Whatever file is sent as artwork, nothing breaks, and price and date are the house's own."""

from random import Random
from typing import Any

import pytest

from cosmo.db import Database
from tests.modules.interaction.conftest import defaults
from tests.modules.interaction.test_tampering import quotes, unlimited, wrong_quotes
from tests.modules.rnd.pictures import box, drawing, png, stl
from tests.web_fixtures import Visitor

__all__ = ["unlimited"]
pytestmark = pytest.mark.usefixtures("priced")

WHOLE = (png(90, 60, line=2, dpi=300), drawing(), stl(box(9, 9, 9)), b"%PDF-1.7\n1 0 obj\n", b"GIF89a\x01")
NAMES = ("a.png", "a.svg", "a.stl", "../../etc/passwd", "", "a" * 400, "\x00.png", "a.png.exe", "花.svg")
TYPES = ("image/png", "image/svg+xml", "text/html", "application/octet-stream", "x", "image/png; a=b" * 9)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="60mm" height="60mm" viewBox="0 0 9 9">{}</svg>'
EVIL = (
    '<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + SVG.format("<text>&x;</text>"),
    "<!DOCTYPE s [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{k + 1} '{f'&a{k};' * 9}'>" for k in range(8))
    + "]>" + SVG.format("<text>&a8;</text>"),
    SVG.format("<script>fetch('/admin')</script>"),
    SVG.format('<image href="http://elsewhere.example/a.png" onload="alert(1)"/>'),
    SVG.format("<g>" * 5000 + "</g>" * 5000),
    SVG.format(f'<path d="{"M0 0L9 9" * 20_000}"/>'),
    SVG.replace("9 9", "1e999 -1").format(""),
    SVG.format("\ud7ff").encode("utf-16").decode("latin-1"),
)  # fmt: skip
HUGE_PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452ffffffffffffffff0806000000") + b"\0" * 64


def mutated(dice: Random) -> bytes:
    """A file with bytes changed, left out, put in or doubled, another's head, or one made to do harm."""
    whole = bytearray(dice.choice(WHOLE))
    match dice.randrange(6):
        case 0:
            return dice.choice(EVIL).encode("utf-8", "replace")
        case 1:
            return bytes(whole[: dice.randrange(len(whole))])
        case 2:
            return dice.choice(WHOLE)[: dice.randrange(40)] + bytes(whole)
        case 3:
            return dice.choice([b"", HUGE_PNG, bytes(whole) * 3, dice.randbytes(300)])
    for _ in range(dice.randint(1, 20)):
        whole[dice.randrange(len(whole))] = dice.randrange(256)
    return bytes(whole)


def test_no_file_in_the_configurator_changes_price_or_date(client: Visitor, database: Database) -> None:
    dice, answers = Random(11), []
    form = {**defaults(client), "quantity": "24", "decoration": "decal", "print_zone": "front", "do": "order"}
    for _ in range(250):
        sent = (dice.choice(NAMES), mutated(dice), dice.choice(TYPES))
        answer = client.post("/configure/mug", data=form, files={"upload-artwork": sent})
        answers.append(answer.status_code)
        assert answer.status_code < 500, sent
        assert answer.status_code != 303 or not wrong_quotes(database), sent
    assert {303, 422} <= set(answers) <= {303, 400, 413, 422}, "some are kept, some are refused"


def test_no_file_of_a_program_breaks_anything(client: Visitor, database: Database) -> None:
    dice, kept, answers = Random(12), [], []
    for _ in range(700):
        sent = (dice.choice(NAMES), mutated(dice), dice.choice(TYPES))
        answer = client.post("/api/v1/attachments", files={"file": sent})
        answers.append(answer.status_code)
        assert answer.status_code < 500, sent
        kept += [answer.json()["id"]] if answer.status_code == 201 else []
    assert {201, 422} <= set(answers)
    for attachment_id in dice.sample(kept, 60):
        assert client.get(f"/artwork/{attachment_id}").status_code < 500
        answer = client.post("/api/v1/quotes", json=decorated(client, artwork=attachment_id))
        assert answer.status_code in (201, 422), answer.text
        assert answer.status_code != 201 or not wrong_quotes(database), attachment_id
    assert sum(1 for _ in quotes(database)) > 0


def test_no_other_file_is_taken_for_artwork(client: Visitor, database: Database) -> None:
    """Whatever stands in the field: only the id that was handed out, which a shared design carries on."""
    dice = Random(13)
    mine = client.post("/api/v1/attachments", files={"file": ("a.svg", drawing())}).json()["id"]
    assert client.post("/api/v1/quotes", json=decorated(client, artwork=mine)).status_code == 201
    before = {order.id for _, order in quotes(database)}
    for tried in ("x", "../" + mine, mine + "0", "0" * 26, 7, [mine], {"id": mine}):
        answer = client.post("/api/v1/quotes", json=decorated(client, artwork=tried))
        assert answer.status_code == 422, (tried, answer.text)
    for _ in range(200):
        place = dice.randrange(len(mine))
        guess = mine[:place] + dice.choice("0123456789abcdefghjkmnpqrstvwxyz") + mine[place + 1 :]
        if guess != mine:
            answer = client.post("/api/v1/quotes", json=decorated(client, artwork=guess))
            assert answer.status_code == 422, guess
    assert {order.id for _, order in quotes(database)} == before


def decorated(client: Visitor, **values: Any) -> dict[str, Any]:
    selections = {**defaults(client), "decoration": "decal", "print_zone": "front"} | values
    return {"family": "mug", "selections": selections, "quantity": 24,
            "ship_to": {"country": "DE", "postal_code": "10115"}}  # fmt: skip
