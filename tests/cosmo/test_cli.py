"""The command line finds commands by entry point, explains itself and turns refusals into sentences."""

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from cosmo import cli, quality
from cosmo.errors import NotFound
from cosmo.quality import Outcome

HERE = "tests.cosmo.test_cli"


def refuse(argv: list[str]) -> int:
    """Refuse always.

    This line is not part of the list.
    """
    raise NotFound(f"There is no {argv[0]}.")


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    """One command only: `refuse`."""
    point = EntryPoint("refuse", f"{HERE}:refuse", cli.GROUP)
    gone = EntryPoint("gone", f"{HERE}_gone:gone", cli.GROUP)
    monkeypatch.setattr(cli, "entry_points", lambda group: [point, gone])


@pytest.mark.usefixtures("refusing")
@pytest.mark.parametrize("argv", [[], ["--help"], ["help"]])
def test_it_lists_commands_with_their_first_line(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(argv) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  refuse  Refuse always." in lines
    assert "  gone    (its code is not here)" in lines


@pytest.mark.usefixtures("refusing")
def test_a_slip_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["refus"]) == 2
    assert "Did you mean `cosmo refuse`?" in capsys.readouterr().err


@pytest.mark.usefixtures("refusing")
def test_a_refusal_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["refuse", "such order"]) == 1
    assert capsys.readouterr().err == "cosmo refuse: There is no such order.\n"


@pytest.mark.parametrize("command", ["serve", "migrate"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COSMO_PORT", "abc"),
        ("COSMO_PORT", "70000"),
        ("COSMO_CLOCK", "fast"),
        ("COSMO_CLOCK", "nan"),
        ("COSMO_CLOCK", "-1"),
        ("COSMO_DATABASE_URL", "nonsense"),
        ("COSMO_DATABASE_URL", "oracle://scott:tiger@host/db"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    command: str,
    name: str,
    value: str,
) -> None:
    monkeypatch.setenv("COSMO_HOME", str(tmp_path))
    monkeypatch.setenv(name, value)
    assert cli.main([command]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"cosmo {command}: {name} is ")
    assert said.count("\n") == 1
    assert "tiger" not in said


def test_an_unknown_broker_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("COSMO_HOME", str(tmp_path))
    monkeypatch.setenv("COSMO_BROKER_URL", "foo://x")
    assert cli.main(["worker"]) == 2
    assert capsys.readouterr().err.startswith("cosmo worker: COSMO_BROKER_URL starts with 'foo'")


def test_the_list_imports_no_layer() -> None:
    code = "import sys, cosmo.cli as c; c.main([]); print({'sqlalchemy', 'fastapi'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_a_failed_check_fails_the_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(quality, "_pytest", lambda arguments: 0)
    monkeypatch.setattr(quality, "CHECKS", {"style": ["-c", "print('a long line'); raise SystemExit(1)"]})
    assert quality.test([]) == 1
    said = capsys.readouterr().out
    assert "a long line" in said
    assert said.splitlines()[-1] == "cosmo test: failed: style (see above)"


def test_arguments_go_to_pytest_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def no_tests_found(arguments: list[str]) -> int:
        seen.append(arguments)
        return 5

    monkeypatch.setattr(quality, "_pytest", no_tests_found)
    monkeypatch.setattr(quality, "CHECKS", {})
    assert quality.test(["-k", "promise"]) == 5
    assert seen == [["-k", "promise"]]


@pytest.mark.parametrize(
    ("name", "file", "text"),
    [("style", "cosmo/a.py", "import os\n"), ("types", "cosmo/a.py", "x: int = ''\n")],
)
def test_a_check_finds_what_it_is_for(tmp_path: Path, name: str, file: str, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text((quality.ROOT / "pyproject.toml").read_text())
    for package in quality.PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    assert quality._check(name, tmp_path).passed
    (tmp_path / file).write_text(text)
    assert not quality._check(name, tmp_path).passed


def test_an_outcome_reads_well() -> None:
    assert str(Outcome("types", True, "", 61.2)) == "types    passed after 61 s"
