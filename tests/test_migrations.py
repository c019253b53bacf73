"""The migration files of the kernel and of every module make the tables that the models describe.

By the real command in a process of its own: the tests' own tables would be strangers in the comparison.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COSMO = [sys.executable, "-c", "import sys; from cosmo.cli import main; sys.exit(main())"]


def owners() -> list[Path]:
    """The folders whose models have tables."""
    folders = [ROOT / "cosmo", *sorted((ROOT / "modules").iterdir())]
    return [
        folder
        for folder in folders
        if any(re.search(r"\btable=True\):", path.read_text()) for path in folder.glob("*.py"))
    ]


@pytest.mark.parametrize("owner", owners(), ids=lambda folder: folder.name)
def test_an_owner_of_tables_has_migrations(owner: Path) -> None:
    assert list((owner / "migrations").glob("[0-9]*.py")), f"run: cosmo migrate --write 'Why' {owner.name}"


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_migrations_match_models(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> None:
    sqlite = database == "sqlite"
    url = f"sqlite:///{tmp_path}/cosmo.db" if sqlite else request.getfixturevalue("postgres_url")
    env = {**os.environ, "COSMO_DATABASE_URL": url, "COSMO_HOME": str(tmp_path)}
    command = [*COSMO, "migrate", "--check"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
