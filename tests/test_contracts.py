"""Each import contract of pyproject.toml fails when its rule is broken, and holds when it is not.

The rules are tried on a skeleton of the tree, with one violation planted; `cosmo test` runs them on the tree.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINT = "from importlinter.cli import lint_imports_command as main; main()"
NAMES = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}
SKELETON = {
    "cosmo/orders.py": "import sqlmodel\n",
    "web/app.py": "import cosmo.orders\n",
    "modules/rnd/service.py": "import cosmo.orders\nimport web.app\n",
    "modules/marketing/service.py": "import cosmo.orders\n",
    "modules/logistics/routes.py": "import ortools\n",
    "modules/manufacturing/planning.py": "import scheduler.solver\n",
    "scheduler/solver.py": "import ortools\n",
    "seeds/plant.py": "import modules.rnd.service\nimport scheduler.solver\n",
    "seeds/simulator/floor.py": "import httpx2\n",
}
VIOLATIONS = [
    ("layers", "cosmo/orders.py", "web.app"),
    ("layers", "cosmo/orders.py", "modules.rnd"),
    ("layers", "web/app.py", "modules.rnd.service"),
    ("layers", "modules/rnd/service.py", "seeds.plant"),
    ("sisters", "modules/rnd/service.py", "modules.marketing.service"),
    ("sisters", "modules/logistics/routes.py", "modules.manufacturing"),
    ("library", "scheduler/solver.py", "cosmo.orders"),
    ("library", "scheduler/solver.py", "fastapi"),
    ("library", "scheduler/solver.py", "sqlalchemy"),
    ("planners", "modules/rnd/service.py", "scheduler.solver"),
    ("planners", "modules/logistics/routes.py", "scheduler"),
    ("planners", "web/app.py", "scheduler.solver"),
    ("solver", "modules/manufacturing/planning.py", "ortools"),
    ("solver", "cosmo/orders.py", "ortools"),
    ("solver", "seeds/plant.py", "ortools"),
    ("players", "seeds/simulator/floor.py", "cosmo.orders"),
    ("players", "seeds/simulator/floor.py", "modules.rnd.service"),
    ("players", "seeds/simulator/floor.py", "sqlmodel"),
    ("players", "seeds/simulator/floor.py", "seeds.plant"),
]


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """A tree with the house's packages and imports that are all allowed."""
    for name, text in SKELETON.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        for folder in file.relative_to(tmp_path).parents[:-1]:
            (tmp_path / folder / "__init__.py").touch()
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    return tmp_path


def broken(tree: Path) -> list[str]:
    """The contracts that do not hold in `tree`, by id."""
    command = [sys.executable, "-c", LINT, "--no-cache"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    return [id_ for id_, name in NAMES.items() if f"{name} BROKEN" in done.stdout]


def test_the_skeleton_keeps_every_contract(skeleton: Path) -> None:
    assert broken(skeleton) == []


def test_every_contract_has_a_violation_here() -> None:
    assert {contract for contract, _, _ in VIOLATIONS} == set(NAMES)


@pytest.mark.parametrize(("contract", "file", "imported"), VIOLATIONS)
def test_a_planted_violation_breaks_its_contract(
    skeleton: Path, contract: str, file: str, imported: str
) -> None:
    path = skeleton / file
    path.write_text(f"{path.read_text()}import {imported}\n")
    assert contract in broken(skeleton)
