"""The house rules that a machine can watch, each with a control that shows the watch is awake."""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from cosmo import bootstrap
from tests.catalogs import msgids

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cosmo", "web", "modules", "scheduler", "seeds")
MOST_LINES = 450
PRODUCT = ("cosmo", "web", "modules", "scheduler")
"""What holds to the two clocks; `seeds` plays the people outside, who have watches of their own."""
CLOCKS = {
    "cosmo/clock.py": "is the clock",
    "cosmo/ids.py": "an id begins with the moment it was made, so that keys grow in order",
    "web/hub.py": "one thread polls for all watchers, on wall time",
}
"""Files that may ask the machine for the time or sleep; everything else has `now` handed in."""
ASKS_THE_CLOCK = re.compile(r"^(api|pages|jobs|commands)$|_(api|pages|jobs)$")
"""Stems of the module files that stand at the edge, where `now` is read and handed down."""
LONG_JOBS = {
    "modules/manufacturing/improving.py": "a solver runs between two transactions, each with its own now"
}
SECRETS_AND_PLACES = re.compile(
    r"pypi[.]org|pythonhosted[.]org|registry[.]npmjs[.]org|unpkg[.]com|jsdelivr[.]net"  # package registries
    r"|(?<![\w.}])/(root|Users|home/\w+)/|(?<![\w.}])/work/(main|shared|notes)|/opt/(pypi|wheels)"  # machines
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----|gh[ps]_[A-Za-z0-9]{20}|AKIA[A-Z0-9]{16}"  # keys
)


@cache
def tracked() -> tuple[str, ...]:
    """The paths git knows, and new ones it does not ignore."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return tuple(name for name in names if (ROOT / name).is_file())


def product_files() -> list[Path]:
    """Our Python files, without migrations, which are written by machine."""
    names = [n for n in tracked() if n.endswith(".py") and n.split("/")[0] in PACKAGES]
    return [ROOT / name for name in names if "/migrations/" not in name]


def called(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# Length


def too_long(files: list[Path]) -> list[str]:
    return [path.name for path in files if len(path.read_text().splitlines()) > MOST_LINES]


def test_no_python_file_is_too_long() -> None:
    python = [ROOT / name for name in tracked() if name.endswith(".py") and "/migrations/" not in name]
    assert too_long(python) == []


def test_a_long_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("\n" * (MOST_LINES + 1))
    assert too_long([tmp_path / "long.py"]) == ["long.py"]


# Imports hidden in strings


def hidden_imports(source: str, home: str) -> list[str]:
    """Strings in code of package `home` that name a module of another package of ours."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and id(n) not in docstrings]
    return [n.value for n in strings if isinstance(n.value, str) and _names_another(n.value, home)]


def _names_another(text: str, home: str) -> bool:
    """`text` is a dotted path to a file of ours, outside `home` ("cosmo", "modules.rnd", ...)."""
    path = text.partition(":")[0]
    if not re.fullmatch(rf"({'|'.join(PACKAGES)})(\.\w+)+", path) or f"{path}.".startswith(f"{home}."):
        return False
    place = ROOT.joinpath(*path.split("."))
    return place.is_dir() or place.with_suffix(".py").exists()


def home_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:2]) if parts[0] == "modules" and len(parts) > 2 else parts[0]


def test_no_package_is_imported_by_a_string() -> None:
    found = {called(path): hidden_imports(path.read_text(), home_of(path)) for path in product_files()}
    assert {name: strings for name, strings in found.items() if strings} == {}


def test_an_import_by_a_string_is_found() -> None:
    source = "import importlib\nimportlib.import_module('web.app')\nx = 'modules.rnd:module'\n"
    assert sorted(hidden_imports(source, "cosmo")) == ["modules.rnd:module", "web.app"]
    assert hidden_imports(source, "modules.rnd") == ["web.app"]


# Time


def clock_calls(source: str) -> list[str]:
    """Calls that ask the machine for the time of day, or sleep."""
    tree = ast.parse(source)
    from_time = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for alias in node.names
        if alias.name in ("time", "sleep", "time_ns")
    }
    calls = (ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))
    clock = re.compile(
        r"(.*\.)?(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|sleep)|func\.now)"
    )
    return [call for call in calls if clock.fullmatch(call) or call in from_time]


def test_only_the_clock_asks_for_the_time() -> None:
    files = {name: path for path in product_files() if (name := called(path)).split("/")[0] in PRODUCT}
    assert {name for name, path in files.items() if clock_calls(path.read_text())} == set(CLOCKS)


@pytest.mark.parametrize(
    "source",
    ["datetime.now(UTC)", "datetime.datetime.utcnow()", "date.today()", "time.sleep(1)", "func.now()"],
)
def test_a_clock_call_is_found(source: str) -> None:
    assert clock_calls(source)
    assert clock_calls(f"from time import sleep as nap\nnap(1); {source}")[0] == "nap"


def reads_now(source: str) -> bool:
    """It asks cosmo.clock what time it is."""
    names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    return bool({"wall_time", "read_now"} & (names | attributes))


def test_in_modules_now_is_read_at_the_edge_only() -> None:
    inside = [path for path in product_files() if called(path).startswith("modules/")]
    below = [path for path in inside if not ASKS_THE_CLOCK.search(path.stem)]
    assert {called(path) for path in below if reads_now(path.read_text())} == set(LONG_JOBS)


def test_reading_now_is_found() -> None:
    assert reads_now("from cosmo import clock\nclock.read_now(session)")
    assert not reads_now("def ship(session, now): pass")


# What must not be written down


def forbidden_texts(text: str) -> list[str]:
    return [match[0] for match in SECRETS_AND_PLACES.finditer(text)]


def test_no_registry_no_machine_and_no_key_is_written_down() -> None:
    found = {name: forbidden_texts((ROOT / name).read_text(errors="ignore")) for name in tracked()}
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    "text", ["https://py" + "pi.org/simple", "/ro" + "ot/.cache", "/wo" + "rk/main/x", "AK" + "IA" + "A" * 16]
)
def test_a_forbidden_text_is_found(text: str) -> None:
    assert forbidden_texts(f"x = '{text}'")


# Words


def speaking() -> list[str]:
    """The packages with texts for people, each with its own catalogs."""
    folders = [ROOT / "cosmo", ROOT / "web", *sorted((ROOT / "modules").iterdir())]
    return [called(folder) for folder in folders if (folder / "__init__.py").exists() and msgids(folder)]


def translated(locale: str, *packages: str) -> set[str]:
    """The msgids that the catalogs of these packages translate into `locale`."""
    found: set[str] = set()
    for path in (ROOT / package / "locales" / f"{locale}.po" for package in packages):
        if path.exists():
            with path.open("rb") as file:
                for message in read_po(file, locale=locale):
                    forms = message.string if isinstance(message.string, tuple) else (message.string,)
                    if all(forms) and not message.fuzzy:
                        found.add(message.id if isinstance(message.id, str) else message.id[0])
    return found


@pytest.mark.parametrize("locale", ["de", "zh"])
@pytest.mark.parametrize("package", speaking())
def test_every_sentence_is_translated(package: str, locale: str) -> None:
    known = translated(locale, "cosmo", "web", package)
    assert sorted(text for text in msgids(ROOT / package) if text and text not in known) == []


DAYS = re.compile(
    r"(?<=[\u2e80-\u9fff\uff00-\uffef]) {F}|{F} (?=[\u2e80-\u9fff\uff00-\uffef])|} %".replace(
        "F",
        "(?:begins|date|day|due|ends?|new|old|opens_at|promised_date|remake_day|second_day|time|until|when)",
    )
)
"""A day or a time in a Chinese sentence, set off from its neighbour by a space; or a share from its sign."""


def chinese() -> list[str]:
    """Every Chinese sentence of the catalogs."""
    said: list[str] = []
    for package in speaking():
        with (ROOT / package / "locales" / "zh.po").open("rb") as file:
            for message in read_po(file, locale="zh"):
                said += [message.string] if isinstance(message.string, str) else message.string
    return said


def test_days_stand_in_chinese_sentences_without_spaces() -> None:
    assert [text for text in chinese() if DAYS.search(text)] == []


@pytest.mark.parametrize(
    "text", ["将于 {day}送达", "{when} 前有效。", "（{begins} 至{ends}）", "减 {percent} %"]
)
def test_a_space_beside_a_day_is_found(text: str) -> None:
    assert DAYS.search(text)
    assert not DAYS.search(text.replace(" {day}", "{day}").replace("} ", "}"))
    assert not DAYS.search("满 {n} 起减 {percent}%，共 {total}")


def apart(template: str) -> list[str]:
    """Days and times that a template sets beside translated words instead of into their sentence, and shares
    whose sign it writes itself."""
    return re.findall(
        r"_\(\"[^\"]+\"\) }} (?:<\w+>)?{{ (?:short|full)?(?:day|daytime|clock)\(|}} %|%}%{%",
        template,
    )


def test_no_template_joins_words_and_days() -> None:
    files = [path for folder in ("web", "modules") for path in (ROOT / folder).rglob("*.html")]
    assert [called(path) for path in files if apart(path.read_text())] == []


def test_words_joined_with_a_day_are_found() -> None:
    assert apart('<b>{{ _("until") }} {{ fullday(x) }}</b>')
    assert apart("{{ number(kept) }} %")
    assert apart("{{ run.percent }} %")
    assert apart('{% if line.kind == "amount" %}{{ list.currency }}{% else %}%{% endif %}')
    assert not apart('<b>{{ _("until {day}", day=fullday(x)) }}</b> {{ percent(kept) }}')


# The project's own files


def imported_distributions() -> set[str]:
    """What our product code imports from elsewhere, by distribution name."""
    roots: set[str] = set()
    for path in product_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                roots.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                roots.add(str(node.module).split(".")[0])
    outside = roots - set(sys.stdlib_module_names) - set(PACKAGES) - {"cosmo_platform"}
    known = packages_distributions()
    return {_plain(name) for root in outside for name in known.get(root, [root])}


def _plain(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")


def declared(*, tests: bool = False) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = project["dependencies"] + (project["optional-dependencies"]["test"] if tests else [])
    return {_plain(line) for line in lines}


def locked(text: str) -> dict[str, str]:
    """Package to its block in a lock."""
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)
    return {_plain(block): block for block in blocks if "==" in block}


def test_what_the_product_imports_is_declared() -> None:
    assert imported_distributions() - declared() == set()


def test_the_project_is_not_for_a_shared_index() -> None:
    """`web` and `modules` are names for a checkout: an index refuses what is marked private."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "Private :: Do Not Upload" in project["classifiers"]
    assert project["name"] not in PACKAGES


def test_an_import_is_traced_to_its_distribution() -> None:
    assert {"fastapi", "pyyaml", "sqlmodel"} <= imported_distributions()


@pytest.mark.parametrize("tests", [False, True])
def test_the_lock_has_what_is_declared(tests: bool) -> None:
    assert declared(tests=tests) - set(locked(bootstrap.locked(tests))) == set()


def test_running_needs_no_test_tools() -> None:
    assert {"pytest", "mypy", "ruff"} & set(locked(bootstrap.locked(False))) == set()


def test_the_lock_pins_every_package_by_hash_and_names_no_address() -> None:
    text = bootstrap.LOCK.read_text()
    assert [name for name, block in locked(text).items() if "--hash=sha256:" not in block] == []
    assert "://" not in text
    assert "--index" not in text


def test_ci_runs_the_command_of_the_readme() -> None:
    last = (ROOT / ".ci" / "run").read_text().strip().splitlines()[-1]
    command = last.removeprefix("exec ").partition(" <")[0]
    assert command == "python3 -m cosmo test"
    assert f"\n{command}\n" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py", "bootstrap.py"])
def test_what_runs_first_is_understood_by_an_old_python(name: str) -> None:
    source = (ROOT / "cosmo" / name).read_text()
    tree = ast.parse(source, feature_version=(3, 8))
    wanted = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)} | {
        alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names
    }
    later = {"cosmo", "cosmo.cli"} if name == "__main__.py" else set()
    assert {str(module).split(".")[0] for module in wanted - later} <= set(sys.stdlib_module_names)


ENTRY_POINTS = {
    name: target
    for group in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"].values()
    for name, target in group.items()
}


def defines(source: str, name: str) -> bool:
    """`name` is a function, or assigned, at the top of `source`."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return True
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return True
    return False


@pytest.mark.parametrize(("name", "target"), sorted(ENTRY_POINTS.items()))
def test_every_entry_point_has_its_code(name: str, target: str) -> None:
    module, _, attribute = target.partition(":")
    place = ROOT.joinpath(*module.split("."))
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    assert file.exists(), f"{name} is announced in pyproject.toml, but {module} is not there"
    assert defines(file.read_text(), attribute), f"{name} is announced, but {module} has no {attribute}"
