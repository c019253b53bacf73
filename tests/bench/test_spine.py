"""The bench's command, once with almost nothing to do: every row is there, whatever time it takes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from seeds.bench import main

ROOT = Path(__file__).resolve().parents[2]
TINY = [
    "--quick", "--configures", "2", "--orders", "3", "--events", "1", "--watchers", "1,3", "--search", "0.2",
]  # fmt: skip
ROWS = [
    "configure, valid values with price and date",
    "orders placed, SQLite",
    "what follows, SQLite",
    "event to browser, 1 watching",
    "event to browser, 3 watching",
    "plan size",
    "replanned",
    "rules alone",
    "0.2 s of search without CP-SAT",
    "0.2 s of search with CP-SAT",
    "orders placed, PostgreSQL",
    "what follows, PostgreSQL",
]


def test_a_tiny_run_prints_every_row(tmp_path: Path, postgres_url: str) -> None:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("COSMO_")}
    own = {"COSMO_HOME": str(tmp_path), "COSMO_BENCH_POSTGRES": postgres_url}
    done = subprocess.run(
        [sys.executable, "-m", "cosmo", "bench", "spine", *TINY],
        cwd=ROOT, env={**inherited, **own}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    printed = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")][1:]
    assert [cells[0].removeprefix("| ") for cells in printed] == ROWS
    assert all(any(c.isdigit() for c in cells[1]) for cells in printed), "a row without a figure"
    kept = json.loads((tmp_path / "bench" / "spine.json").read_text(encoding="utf-8"))
    assert [row[0] for row in kept["rows"]] == ROWS


def test_a_bench_nobody_wrote_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["backbone"])
    assert refused.value.code == 2
    assert "spine" in capsys.readouterr().err
