"""The command line: finds commands by entry point, so the kernel names none of the layers above it."""

import ast
import importlib.util
import sys
from collections.abc import Callable
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from cosmo.errors import CosmoError

GROUP = "cosmo.commands"

Command = Callable[[list[str]], int]
"""Takes the arguments after its name, returns the exit status; its docstring's first line is its help."""


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit status; without one, list them."""
    name, *rest = (sys.argv[1:] if argv is None else argv) or ["--help"]
    commands = {point.name: point for point in entry_points(group=GROUP)}
    if name in ("-h", "--help", "help"):
        print(_overview(commands))
        return 0
    if name not in commands:
        print(_unknown(name, commands), file=sys.stderr)
        return 2
    return _run(commands[name], rest)


def _run(point: EntryPoint, arguments: list[str]) -> int:
    try:
        command: Command = point.load()
        return command(arguments)
    except CosmoError as refusal:
        print(f"cosmo {point.name}: {refusal.detail}", file=sys.stderr)
        return refusal.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, say `head`, has enough
        sys.stderr.close()
        return 141


def _unknown(name: str, commands: dict[str, EntryPoint]) -> str:
    near = get_close_matches(name, commands, n=1, cutoff=0.5)
    guess = f" Did you mean `cosmo {near[0]}`?" if near else ""
    return f"cosmo: there is no command {name}.{guess} `cosmo --help` lists all commands."


def _overview(commands: dict[str, EntryPoint]) -> str:
    width = max(map(len, commands), default=0)
    lines = [f"  {name:<{width}}  {_help(commands[name])}" for name in sorted(commands)]
    head, foot = "Usage: cosmo COMMAND [arguments]", "`cosmo COMMAND --help` says more about one."
    return "\n".join([head, "", *lines, "", foot])


def _help(point: EntryPoint) -> str:
    """The first line of its docstring, read from the source: the list must not import every layer."""
    for node in ast.parse(_source(point.module)).body:
        if isinstance(node, ast.FunctionDef) and node.name == point.attr:
            return (ast.get_docstring(node) or "").partition("\n")[0]
    return "(its code is not here)"


def _source(module: str) -> str:
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:  # the package it should be in
        spec = None
    return Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
