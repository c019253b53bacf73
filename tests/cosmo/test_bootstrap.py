"""Starting from a bare Python: a small project with the real bootstrap, real environments and a real pip.

Its packages are two tiny wheels in a folder, so that nothing here needs the network.
"""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from cosmo import bootstrap

COSMO = Path(bootstrap.__file__).parent
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """
import os, time, zipfile
def build_editable(folder, config=None, metadata=None):
    name = "cosmo_platform-1-py3-none-any.whl"
    open("building", "w").close()
    time.sleep(float(os.environ.get("TRY_SLOWLY", 0)))
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        info = "cosmo_platform-1.dist-info/"
        wheel.writestr("cosmo_platform.pth", os.getcwd())
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: cosmo-platform\\nVersion: 1\\n"
            "Requires-Dist: alpha\\nRequires-Dist: omega; extra == 'test'\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        points = "[cosmo.commands]\\nhello = hello:hello\\ntest = hello:hello\\n"
        wheel.writestr(info + "entry_points.txt", points)
        wheel.writestr(info + "RECORD", "")
    return name
"""
HELLO = """
import importlib.util, subprocess, sys
def hello(argv):
    "Say which packages are here; a process of its own imports one."
    subprocess.run([sys.executable, "-c", "import alpha"], check=True)
    found = [name for name in ("alpha", "omega") if importlib.util.find_spec(name)]
    print("hello from", sys.prefix, "with", *found)
    return 0
"""


def make_wheel(folder: Path, name: str, version: str = "1") -> str:
    """Write a wheel with one module; returns its line in a lock."""
    path, info = folder / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info/"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", f"version = {version!r}\n")
        wheel.writestr(info + "METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(info + "RECORD", "")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def environment(tree: Path, **more: str) -> dict[str, str]:
    home = tree / "home"
    home.mkdir(exist_ok=True)
    index = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tree / "wheels"), "PIP_CONFIG_FILE": os.devnull}
    return {"HOME": str(home), "PATH": "/usr/bin:/bin", **index, **more}


def start(tree: Path, command: str = "hello", **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [base_python(), "-m", "cosmo", command],
        cwd=tree, env=environment(tree, **more), capture_output=True, text=True, check=False,
    )  # fmt: skip


def base_python() -> str:
    """The Python our own environment was made from: one without our packages."""
    return str(Path(sys.base_prefix) / "bin" / "python3")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> "tuple[Path, subprocess.CompletedProcess[str]]":
    """The project after its first start, and what that start said."""
    tree = tmp_path_factory.mktemp("first")
    (tree / "cosmo").mkdir()
    (tree / "wheels").mkdir()
    for name in ("__init__.py", "__main__.py", "bootstrap.py", "cli.py", "errors.py"):
        shutil.copy(COSMO / name, tree / "cosmo")
    for name, text in {"pyproject.toml": PROJECT, "backend.py": BACKEND, "hello.py": HELLO}.items():
        (tree / name).write_text(text)
    lines = [make_wheel(tree / "wheels", "alpha"), "# test-only\n", make_wheel(tree / "wheels", "omega")]
    (tree / "requirements.lock").write_text("".join(lines))
    return tree, start(tree)


@pytest.fixture
def tree(first: "tuple[Path, subprocess.CompletedProcess[str]]", tmp_path: Path) -> Path:
    """A copy of the project after its first start."""
    return shutil.copytree(first[0], tmp_path / "tree", symlinks=True)


def test_the_first_start_installs_and_runs(
    first: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    tree, said = first
    assert said.stdout == f"hello from {tree / '.venv'} with alpha\n"
    assert "cosmo: 1 of 1 alpha" in said.stderr
    assert "cosmo: ready after" in said.stderr


def test_the_second_start_installs_nothing_and_is_silent(tree: Path) -> None:
    said = start(tree)
    assert (said.stdout, said.stderr) == (f"hello from {tree / '.venv'} with alpha\n", "")


def test_what_is_compiled_once_stays_compiled(tree: Path) -> None:
    """Also where nothing may be written beside the sources; compiling at each start takes ten seconds."""
    for folder in tree.rglob("__pycache__"):
        shutil.rmtree(folder)
    for _ in range(2):
        said = start(tree, PYTHONDONTWRITEBYTECODE="1", PYTHONVERBOSE="1")
        assert said.stdout.endswith("with alpha\n")
    compiled = tree / ".venv" / "compiled"
    assert list(compiled.rglob("cli.*.pyc"))
    assert list(compiled.rglob("alpha.*.pyc")), "also what a process that Cosmo starts imports"
    assert re.search(r"matches .*cli.py$", said.stderr, re.MULTILINE)
    assert not list(tree.rglob("__pycache__"))


def test_compiled_files_lie_where_python_puts_them(tree: Path) -> None:
    start(tree)
    assert not (tree / ".venv" / "compiled").exists()


def test_testing_adds_the_test_tools_and_keeps_them(tree: Path) -> None:
    assert start(tree, "test").stdout.endswith("with alpha omega\n")
    project = tree / "pyproject.toml"
    project.write_text(project.read_text() + "\n")
    said = start(tree)
    assert said.stdout.endswith("with alpha omega\n")
    assert "of 2" not in said.stderr, "the lock is the same, so only the project is put in place again"


def test_a_changed_lock_is_followed(tree: Path) -> None:
    (tree / "requirements.lock").write_text(make_wheel(tree / "wheels", "alpha", "2"))
    assert start(tree).returncode == 0
    shown = subprocess.run(
        [tree / ".venv/bin/python", "-c", "import alpha; print(alpha.version)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert shown.stdout == "2\n"


def test_two_starts_at_once_install_once(tree: Path) -> None:
    (tree / "requirements.lock").write_text(make_wheel(tree / "wheels", "alpha", "2"))
    command = [base_python(), "-m", "cosmo", "hello"]
    both = [
        subprocess.Popen(command, cwd=tree, env=environment(tree), stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [each.communicate()[1] for each in both]
    assert [each.returncode for each in both] == [0, 0]
    assert sorted("ready after" in text for text in said) == [False, True]
    assert any("another start is installing; waiting for it" in text for text in said)


def test_a_start_waits_for_the_pip_of_a_killed_one(tree: Path) -> None:
    (tree / "pyproject.toml").write_text(PROJECT + "\n")
    (tree / "building").unlink()
    command = [base_python(), "-m", "cosmo", "hello"]
    killed = subprocess.Popen(
        command, cwd=tree, env=environment(tree, TRY_SLOWLY="4"), stderr=subprocess.DEVNULL
    )
    while not (tree / "building").exists():
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    said = start(tree)
    assert "another start is installing; waiting for it" in said.stderr
    assert said.returncode == 0


def half_install(tree: Path) -> Path:
    """Leave alpha as a killed pip does, its metadata there and its code not; returns where its code goes."""
    (tree / ".venv" / "cosmo-stamp.json").unlink()
    packages = next((tree / ".venv" / "lib").glob("python*/site-packages"))
    (packages / "alpha-1.dist-info" / "INSTALLER").unlink()
    (packages / "alpha.py").unlink()
    return packages / "alpha.py"


def test_a_half_installed_package_is_installed_again(tree: Path) -> None:
    code = half_install(tree)
    assert start(tree).stdout.endswith("with alpha\n")
    assert code.exists()


def test_without_the_check_it_would_stay_half(tree: Path) -> None:
    code = half_install(tree)
    source = tree / "cosmo" / "bootstrap.py"
    source.write_text(source.read_text().replace("        _drop_half_installed()\n", ""))
    start(tree)
    assert not code.exists()


def test_without_network_it_says_so(tree: Path) -> None:
    lock = tree / "requirements.lock"
    lock.write_text(make_wheel(tree / "wheels", "beta"))
    shutil.rmtree(tree / "wheels")
    closed = {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}
    said = start(tree, **closed)
    assert said.returncode == 1
    assert said.stderr.splitlines()[-1].startswith("cosmo: the package index cannot be reached.")


def test_a_package_with_other_content_is_refused(tree: Path) -> None:
    line = make_wheel(tree / "wheels", "beta")
    (tree / "requirements.lock").write_text(re.sub(r"[0-9a-f]{8}$", "0" * 8, line.strip()) + "\n")
    said = start(tree)
    assert said.returncode == 1
    assert "did not have the content that requirements.lock names" in said.stderr


def test_an_environment_without_pip_is_filled(tree: Path) -> None:
    """`uv` makes such ones."""
    shutil.rmtree(tree / ".venv")
    subprocess.run([base_python(), "-m", "venv", "--without-pip", tree / ".venv"], check=True)
    assert start(tree).stdout.endswith("with alpha\n")


def test_in_an_environment_of_ones_own_nothing_is_made(tree: Path) -> None:
    (tree / ".venv").rename(tree / "mine")
    (tree / "mine" / "cosmo-stamp.json").unlink()
    command = [str(tree / "mine" / "bin" / "python"), "-m", "cosmo", "hello"]
    said = subprocess.run(
        command, cwd=tree, env=environment(tree), capture_output=True, text=True, check=True
    )
    assert said.stdout == f"hello from {tree / 'mine'} with alpha\n"
    assert not (tree / ".venv").exists()


@pytest.mark.parametrize(
    ("newer", "hint"),
    [("python3.12", "Run it as: python3.12 -m cosmo"), ("", "Install Python 3.11 or newer")],
)
def test_an_old_python_is_told_so(monkeypatch: pytest.MonkeyPatch, newer: str, hint: str) -> None:
    monkeypatch.setattr(bootstrap, "sys", SimpleNamespace(version_info=(3, 9, 6, "final", 0)))
    monkeypatch.setattr(shutil, "which", lambda name: name == newer)
    with pytest.raises(bootstrap.CannotPrepare, match=rf"this is Python 3\.9\.6\. {hint}"):
        bootstrap._refuse_unfit_python()
