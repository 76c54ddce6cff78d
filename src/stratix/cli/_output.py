"""What the commands write: results to stdout, as a table or pure JSON; notes and progress to stderr."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import click
from pydantic import BaseModel
from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

Format = Literal["table", "json"]
Command = TypeVar("Command", bound=Callable[..., Any])

_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_PIPE_WIDTH = 120


def format_option(command: Command) -> Command:
    """Give a command the option `--format`, passed to it as `output`."""
    return click.option(
        "--format",
        "output",
        type=click.Choice(["table", "json"]),
        default="table",
        show_default=True,
        help="A table to read, or JSON for programs.",
    )(command)


def stdout() -> Console:
    """Return the console of results."""
    return _console(stderr=False)


def stderr() -> Console:
    """Return the console of notes and progress."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")  # Answers hold what a terminal may not know.
    # Neither markup nor emoji codes: names and answers come from elsewhere.
    console = Console(stderr=stderr, markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console


def plain(value: object, limit: int | None = None) -> str:
    """Return a text on one line that does nothing to a terminal.

    Control characters, unpaired surrogates and those that reorder what is shown are written as escapes.

    Args:
        value: the text, from wherever it comes.
        limit: most characters to return, from 2; what is cut off is marked by an ellipsis.
    """
    text = " ".join(str(value).split())
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
    return "".join(_escaped(character) for character in text)


def plain_lines(value: object) -> str:
    """Return a text with its line breaks and its spaces that does nothing to a terminal; see `plain`."""
    lines = str(value).replace("\r\n", "\n").expandtabs(4).split("\n")
    return "\n".join("".join(map(_escaped, line)) for line in lines)


def _escaped(character: str) -> str:
    if unicodedata.category(character) in {"Cc", "Cs"} or character in _REORDERING:
        return f"\\x{ord(character):02x}" if character <= "\xff" else f"\\u{ord(character):04x}"
    return character


def show(output: Format, data: object, table: Callable[[], RenderableType]) -> None:
    """Write what a command found to stdout.

    Args:
        output: the form that was asked for.
        data: it all, for JSON: pydantic models, lists and plain values.
        table: makes what is shown to people.
    """
    if output == "json":
        write_json(data)
    else:
        stdout().print(table())


def write_json(data: object) -> None:
    """Write pure JSON to stdout: ASCII alone, so whatever is in it, it does nothing to a terminal."""
    click.echo(json.dumps(data, indent=2, default=_jsonable))


def _jsonable(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return str(value)


def make_table(*columns: str, numbers: Iterable[str] = (), whole: Iterable[str] = ()) -> Table:
    """Return an empty table.

    Args:
        *columns: their headings.
        numbers: headings of columns that are aligned to the right.
        whole: headings of columns that are never broken into lines.
    """
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        right = column in numbers
        table.add_column(
            column,
            justify="right" if right else "left",
            no_wrap=right or column in whole,
            overflow="fold",
        )
    return table


def make_card(rows: Iterable[tuple[str, object]]) -> Table:
    """Return a table of names and values; empty values are left out."""
    card = Table.grid(padding=(0, 2))
    card.add_column(style="bold", no_wrap=True)
    card.add_column(overflow="fold")
    for name, value in rows:
        if value not in (None, "", [], 0):
            card.add_row(name, value if isinstance(value, Text) else plain(value))
    return card


def note(message: str) -> None:
    """Write a line to stderr."""
    stderr().print(plain(message), soft_wrap=True)


def print_commands(console: Console, commands: Iterable[str]) -> None:
    """Print commands to type, each on a line of its own that can be copied whole."""
    for line in commands:
        console.print(Text(f"  {plain(line)}", "bold"), soft_wrap=True)


@contextmanager
def waiting(message: str) -> Iterator[Callable[[str], None]]:
    """Say on stderr what is being waited for: with a spinner on a terminal, else as a line.

    Yields:
        A function that says something else in its place.
    """
    console = stderr()
    if console.is_terminal:
        with console.status(Text(plain(message))) as status:
            yield lambda text: status.update(Text(plain(text)))
    else:
        console.print(plain(message), soft_wrap=True)
        yield note


def moment(seconds: float | None) -> str:
    """Return a unix time as this machine's time of day; "" for none."""
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S") if seconds else ""


def folder(path: Path) -> str:
    """Return a path as people write it: with `~` for their own folder."""
    path, home = path.absolute(), Path.home()
    return str(Path("~") / path.relative_to(home)) if path.is_relative_to(home) else str(path)


def command() -> str:
    """Return how this user calls `stratix`: by its path where it is not on PATH."""
    own = Path(sys.executable).parent / "stratix"
    found = shutil.which("stratix")
    if found and (not own.exists() or Path(found).resolve() == own.resolve()):
        return "stratix"
    if not own.exists():
        return f"{shlex.quote(sys.executable)} -m stratix.cli.main"
    return shlex.quote(str(own.relative_to(Path.cwd()) if own.is_relative_to(Path.cwd()) else own))
