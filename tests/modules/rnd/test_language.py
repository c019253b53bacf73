"""The small language: what it reads, what it means, what it refuses, always with the place."""

from decimal import Decimal

import pytest

from modules.rnd.evaluate import Absent, Facts, holds, keeps, number
from modules.rnd.language import LanguageError, Words, read_condition, read_formula, read_rule
from modules.rnd.terms import And, Compare, Is, IsSet, Not, Number, Or, Variable

WORDS = Words(
    choices={
        "use": {"wall": {}, "outdoor": {}, "pool": {}, "floor": {}},
        "body": {"BIa": {"peak": "1200"}, "BIII": {"peak": "1100"}},
        "slip": {"R9": {"class": "9"}, "R11": {"class": "11", "wet": "yes"}},
        "thickness": {"6": {}, "9.5": {}, "20": {}},
        "decor": {"none": {}, "library": {}},
        "shape": {"none": {}, "hex": {}},
    },
    numbers=frozenset({"W", "H", "quantity"}),
    others=frozenset({"artwork", "name"}),
    facts=frozenset({("artwork", "wall")}),
)


def is_(option: str, *values: str) -> Is:
    return Is(option, frozenset(values))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("body = BIa", is_("body", "BIa")),
        ("body != BIa", Not(is_("body", "BIa"))),
        ("use in (wall, pool)", is_("use", "wall", "pool")),
        ("outdoor or pool", Or((is_("use", "outdoor"), is_("use", "pool")))),
        ("floor", is_("use", "floor")),
        ("thickness = 9.5", is_("thickness", "9.5")),
        ("thickness >= 8", is_("thickness", "9.5", "20")),
        ("slip.class >= 11", is_("slip", "R11")),
        ("slip.wet = yes", is_("slip", "R11")),
        ("body.peak <= 1100", is_("body", "BIII")),
        ("artwork is set", IsSet("artwork")),
        ("name is not set", Not(IsSet("name"))),
        (
            "not W > 900 and pool",
            And((Not(Compare(">", Variable("W"), Number(Decimal(900)))), is_("use", "pool"))),
        ),
        ("(W + 10) * 2 > H", None),
        ("((W > 1 or pool))", Or((Compare(">", Variable("W"), Number(Decimal(1))), is_("use", "pool")))),
        ("artwork.wall < 0.8", Compare("<", Variable("artwork", "wall"), Number(Decimal("0.8")))),
        ("thickness = W", Compare("=", Variable("thickness"), Variable("W"))),
    ],
)
def test_conditions_mean_what_they_say(text: str, meaning: object) -> None:
    read = read_condition(text, WORDS)
    assert meaning is None or read == meaning


@pytest.mark.parametrize(
    ("text", "words_in_error"),
    [
        ("", "a number is expected"),
        ("body", "say what “body” should be"),
        ("body = clay", "no value “clay”"),
        ("none", "decor and of shape"),
        ("nonsense", "neither an option nor a value"),
        ("W", "a comparison is expected"),
        ("W > ", "a number is expected"),
        ("W > 5 5", "“5” is not expected"),
        ("use in (wall", "“)” is expected"),
        ("use in ()", "a value is expected"),
        ("name > 3", "not a number"),
        ("body + 1 > 3", "say what “body” should be"),
        ("W > artwork.volume", "not a number"),
        ("W ~ 3", "“~ 3” is not understood"),
        ("(" * 60 + "W > 1" + ")" * 60, "too many brackets"),
        ("__import__('os')", "neither an option nor a value"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, words_in_error: str) -> None:
    with pytest.raises(LanguageError) as caught:
        read_condition(text, WORDS)
    assert words_in_error in caught.value.detail


def test_a_rule_needs_a_verb() -> None:
    with pytest.raises(LanguageError, match="needs"):
        read_rule("pool and body = BIa", WORDS)


@pytest.mark.parametrize(
    ("text", "kept", "broken"),
    [
        ("outdoor or pool needs body = BIa", {"use": "pool", "body": "BIa"}, {"use": "pool", "body": "BIII"}),
        (
            "thickness = 20 excludes body = BIII",
            {"thickness": "20", "body": "BIa"},
            {"thickness": "20", "body": "BIII"},
        ),
        ("always body = BIa", {"body": "BIa"}, {"body": "BIII"}),
    ],
)
def test_rules_hold_and_break(text: str, kept: dict[str, str], broken: dict[str, str]) -> None:
    rule = read_rule(text, WORDS)
    assert keeps(rule, Facts(chosen=kept, given=frozenset(kept)))
    assert not keeps(rule, Facts(chosen=broken, given=frozenset(broken)))


def test_statements_about_what_is_not_there_are_false() -> None:
    assert not holds(read_condition("W > 0", WORDS), Facts())
    assert not holds(read_condition("W != 5", WORDS), Facts())
    assert holds(read_condition("not W > 0", WORDS), Facts())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3 - 4 / 2", "5"),
        ("-W + 10", "-590"),
        ("ceil(W / 7)", "86"),
        ("floor(W / 7)", "85"),
        ("round(2.5)", "3"),
        ("min(W, H, 9)", "9"),
        ("max(W, H)", "720"),
        ("if(pool and W > 500, 1, 2)", "1"),
        ("if(body = BIII, 1, if(W > 599, 3, 4))", "3"),
        ("thickness * 2", "19.0"),
        ("body.peak / 2", "600"),
    ],
)
def test_formulas_are_exact(text: str, value: str) -> None:
    facts = Facts(
        chosen={"use": "pool", "body": "BIa"},
        given=frozenset({"use", "body", "W", "H"}),
        numbers={
            "W": Decimal(600),
            "H": Decimal(720),
            "thickness": Decimal("9.5"),
            "body.peak": Decimal(1200),
        },
    )
    assert number(read_formula(text, WORDS), facts) == Decimal(value)


def test_a_formula_that_reads_something_absent_says_what() -> None:
    with pytest.raises(Absent) as caught:
        number(read_formula("artwork.wall * 2", WORDS), Facts())
    assert str(caught.value.variable) == "artwork.wall"


def test_dividing_by_zero_is_refused() -> None:
    with pytest.raises(LanguageError, match="divides by zero"):
        number(read_formula("1 / (W - W)", WORDS), Facts(numbers={"W": Decimal(3)}))
