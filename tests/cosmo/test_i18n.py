"""Sentences in three languages: complete catalogs, formatted fields, nested reasons, plurals."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest

from cosmo import formats, i18n
from cosmo.events import Payload
from cosmo.i18n import LOCALES, Sentence, gettext, ngettext, say, sentences, translator, untranslated
from cosmo.payloads import (
    HOLD_REASONS,
    KERNEL_PAYLOADS,
    MOVE_REASONS,
    Delivered,
    HeldPayload,
    Paid,
    Placed,
    PromiseMoved,
)
from cosmo.stages import Stage
from tests.catalogs import msgids

FRIDAY = date(2026, 6, 26)
COSMO = Path(i18n.__file__).parent


@pytest.mark.parametrize("locale", [locale for locale in LOCALES if locale != "en"])
def test_every_kernel_sentence_is_translated(locale: str) -> None:
    sentences = [payload.sentence for payload in KERNEL_PAYLOADS]
    wanted = [*sentences, *MOVE_REASONS.values(), *HOLD_REASONS.values(), *msgids(COSMO)]
    assert untranslated(locale, wanted) == []


def test_a_missing_translation_is_found() -> None:
    assert untranslated("de", ["Delivered.", "No one has said this yet."]) == ["No one has said this yet."]


@pytest.mark.parametrize("locale", ["de", "zh"])
def test_translations_keep_the_fields(locale: str) -> None:
    def fields(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    for msgid, text in i18n.catalog(locale).single.items():
        assert fields(msgid) == fields(text), msgid


def test_a_promise_says_its_day_in_each_language() -> None:
    payload = Placed(promised_date=FRIDAY)
    assert say(payload, "en", "Europe/Berlin") == "Ordered. We promise Friday 26 June."
    assert say(payload, "de", "Europe/Berlin") == "Bestellt. Wir versprechen Freitag, 26. Juni."
    assert say(payload, "zh", "Europe/Berlin") == "已下单。我们承诺6月26日星期五送达。"


def test_a_reason_inside_a_sentence_is_translated_too() -> None:
    moved = PromiseMoved(old=FRIDAY, new=date(2026, 6, 27), reason="breakdown")
    assert say(moved, "en", "UTC") == (
        "Your date moved from Friday 26 June to Saturday 27 June. A machine broke down."
    )
    assert say(moved, "de", "UTC").endswith("Eine Maschine ist ausgefallen.")
    assert say(HeldPayload(reason="unheard-of"), "en", "UTC") == "On hold."


def test_amounts_have_their_currency() -> None:
    paid = Paid(amount=Decimal("1234.5"), currency="EUR")
    assert say(paid, "en", "UTC") == "Payment received: €1,234.50 before VAT."
    assert say(paid, "de", "UTC") == "Zahlung eingegangen: 1.234,50\xa0€ vor Umsatzsteuer."


def test_a_share_has_no_space_in_chinese() -> None:
    assert [formats.percent(Decimal("12.5"), locale) for locale in LOCALES] == ["12.5 %", "12,5 %", "12.5%"]


def test_what_was_skipped_is_not_claimed() -> None:
    assert say(Delivered(skipped=True), "en", "UTC") == "Passed over here: Delivered."
    assert (
        say(Placed(promised_date=FRIDAY, skipped=True), "en", "UTC") == "Ordered. We promise Friday 26 June."
    )


def test_instants_are_told_in_the_plants_zone() -> None:
    class Opens(Payload):
        type = "test-opens"
        sentence = "{kiln} opens {at}."
        kiln: dict[str, str]
        at: datetime

    opens = Opens(kiln={"en": "Kiln 2", "zh": "2号窑"}, at=datetime(2026, 6, 25, 4, 40, tzinfo=UTC))
    assert say(opens, "en", "Europe/Berlin") == "Kiln 2 opens Thursday 25 June 06:40."
    assert say(opens, "zh", "Asia/Shanghai") == "2号窑 opens 6月25日星期四 12:40."


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (0, ("Thursday 06:40", "Donnerstag 06:40", "星期四 06:40")),
        (-6, ("Thursday 06:40", "Donnerstag 06:40", "星期四 06:40")),
        (6, ("Thursday 06:40", "Donnerstag 06:40", "星期四 06:40")),
        (-7, ("Thursday 25 June 06:40", "Donnerstag, 25. Juni 06:40", "6月25日星期四 06:40")),
        (7, ("Thursday 25 June 06:40", "Donnerstag, 25. Juni 06:40", "6月25日星期四 06:40")),
    ],
)
def test_a_weekday_alone_is_a_day_of_this_week(days: int, told: tuple[str, str, str]) -> None:
    at = datetime(2026, 6, 25, 4, 40, tzinfo=UTC)
    now = at + timedelta(days=days)
    read = tuple(formats.daytime(at, locale, "Europe/Berlin", now) for locale in ("en", "de", "zh"))
    assert read == told


def test_days_and_unknown_locales() -> None:
    assert i18n.shortday(FRIDAY, "en") == "Fri 26 June"
    assert i18n.day(FRIDAY, "de") == "Freitag, 26. Juni"
    assert i18n.fullday(FRIDAY, "en") == "Friday 26 June 2026"
    assert i18n.fullday(FRIDAY, "zh") == "2026年6月26日星期五"
    assert i18n.day(FRIDAY, "fr") == i18n.day(FRIDAY, "en")
    assert gettext("fr", "Delivered.") == "Delivered."
    assert [i18n.stage_name(Stage.SHIPPED, locale) for locale in LOCALES] == [
        "On its way",
        "Unterwegs",
        "运送中",
    ]


def test_added_catalogs_speak_but_the_kernels_words_win(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    plural = (
        'msgid "{n} mug"\nmsgid_plural "{n} mugs"\nmsgstr[0] "{n} Becher"\nmsgstr[1] "{n} Becher (viele)"\n'
    )
    taken = 'msgid "Delivered."\nmsgstr "Anders."\n'
    (tmp_path / "de.po").write_text(f"{header}\n{plural}\n{taken}", encoding="utf-8")
    monkeypatch.setattr(i18n, "_added", [])
    i18n.add_locales(tmp_path)
    assert ngettext("de", "{n} mug", "{n} mugs", 1) == "1 Becher"
    assert ngettext("de", "{n} mug", "{n} mugs", 1200) == "1.200 Becher (viele)"
    assert ngettext("en", "{n} mug", "{n} mugs", 1200) == "1,200 mugs"
    assert gettext("de", "Delivered.") == "Zugestellt."


def test_a_sentence_with_values_is_told_to_each_in_their_language() -> None:
    said = Sentence("Only {left} is open on this order.", left=Decimal("1234.5"), currency="EUR")
    assert said == "Only €1,234.50 is open on this order.", "as it stands it is English"
    assert gettext("de", said) == "Bei diesem Auftrag sind nur noch 1.234,50\xa0€ offen."
    assert translator("zh")(said) == "此订单仅剩 €1,234.50 未付。"


def test_a_sentences_own_words_are_translated_too() -> None:
    said = Sentence("This can no longer be cancelled: {where}. Please open a claim.", where="Delivered")
    assert "Zugestellt" in gettext("de", said)


@pytest.mark.parametrize(("locale", "told"), [("en", "A. B. A."), ("de", "A. B. A."), ("zh", "A.B.A.")])
def test_sentences_stand_side_by_side(locale: str, told: str) -> None:
    assert sentences(["A.", "B.", "A."], locale) == told, "each counts: two orders may cost the same"
