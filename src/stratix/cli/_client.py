"""The client, and how things are found by key."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Protocol, TypeVar

from layerlens import Stratix
from layerlens.models import Benchmark, Evaluation, Model
from stratix.cli._errors import ExitCode, Failure, arguments
from stratix.cli._output import command


class Named(Protocol):
    """What has an id, a key and a name."""

    id: str
    key: str
    name: str


Thing = TypeVar("Thing", bound=Named)


def connect() -> Stratix:
    """Return a client of the server that the environment or the credentials file names.

    Raises:
        StratixError: there is no API key.
        UsageError: the address is none.
    """
    with arguments():
        return Stratix()


def find_model(client: Stratix, wanted: str) -> Model:
    """Find a model of the project, public or custom, by its key, id or whole name.

    Raises:
        Failure: there is none; near ones are named.
    """
    return _pick(client.models.get(), wanted, "model", "models list")


def find_benchmark(client: Stratix, wanted: str) -> Benchmark:
    """Find a benchmark of the project, public or custom, by its key, id or whole name.

    Raises:
        Failure: there is none; near ones are named.
    """
    return _pick(client.benchmarks.get(), wanted, "benchmark", "benchmarks list")


def find_evaluation(client: Stratix, evaluation_id: str) -> Evaluation:
    """Fetch an evaluation by its id.

    Raises:
        Failure: there is none.
    """
    with arguments():
        found = client.evaluations.get_by_id(evaluation_id)
    return known(found, evaluation_id)


def known(found: Evaluation | None, evaluation_id: str) -> Evaluation:
    """Return an evaluation that the server knows.

    Raises:
        Failure: the server knows none of this id.
    """
    if found is None:
        raise Failure(
            f"There is no evaluation {evaluation_id!r}. All of them: {command()} evaluate list",
            ExitCode.NOT_FOUND,
        )
    return found


def _pick(things: Sequence[Thing], wanted: str, noun: str, listing: str) -> Thing:
    for thing in things:
        if wanted in (thing.key, thing.id):
            return thing
    folded = wanted.casefold()
    for thing in things:
        if folded in (thing.key.casefold(), thing.name.casefold()):
            return thing
    near = _near(things, folded)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise Failure(
        f"There is no {noun} {wanted!r}.{hint} All of them: {command()} {listing}", ExitCode.NOT_FOUND
    )


def _near(things: Sequence[Thing], wanted: str, most: int = 3) -> list[str]:
    """Return the keys nearest to what was typed: those that hold it first, then those spelt alike."""
    by_text = {text.casefold(): thing.key for thing in things for text in (thing.name, thing.key)}
    holding = [key for text, key in by_text.items() if wanted in text]
    alike = [by_text[text] for text in difflib.get_close_matches(wanted, by_text, n=2 * most, cutoff=0.6)]
    return list(dict.fromkeys([*sorted(holding, key=len), *alike]))[:most]
