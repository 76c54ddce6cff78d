"""Scorers: each judges a model's answer against its truth; one file each, found by its name.

    >>> from stratix import scorers
    >>> scorers.score("numeric", "She makes $18 a day.", "18").verdict
    'correct'

A scorer is a file of this folder that defines a subclass of `Scorer`, or of `JudgedScorer` where a model
does the grading, whose `name` is the file's; or an entry point of the group `stratix.scorers` in an
installed plugin. Its options are its constructor's keyword arguments.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from stratix.plugins import Plugins, named
from stratix.scorers._judge import Complete, Judge, JudgedScorer, JudgeError, JudgeReply
from stratix.scorers.base import Score, Scorer, Target, Verdict

__all__ = [
    "Complete",
    "Judge",
    "JudgeError",
    "JudgeReply",
    "JudgedScorer",
    "Score",
    "Scorer",
    "Target",
    "Verdict",
    "get",
    "is_judged",
    "load",
    "make",
    "names",
    "score",
]

_plugins = Plugins("scorer", __file__, __name__, "stratix.scorers", but=["base"])


def names() -> tuple[str, ...]:
    """Return the names of all scorers, those of plugins included, sorted; imports none of them."""
    return _plugins.names()


@cache
def load(name: str) -> type[Scorer] | type[JudgedScorer]:
    """Return the class of a scorer, importing its file alone.

    Raises:
        ValueError: there is no scorer of that name; the message lists those there are.
    """
    found = _plugins.load(name, named(name))
    if not (isinstance(found, type) and issubclass(found, Scorer | JudgedScorer)):
        raise ValueError(f"the scorer {name!r} is not a subclass of stratix.scorers.Scorer or JudgedScorer")
    return found


def is_judged(name: str) -> bool:
    """Return whether a scorer has a model grade the answers.

    Raises:
        ValueError: there is no scorer of that name; the message lists those there are.
    """
    return issubclass(load(name), JudgedScorer)


def get(name: str, **options: Any) -> Scorer:
    """Make a scorer that needs no judge by its name.

    Args:
        name: one of `names()`.
        options: its options, as its class documents them.

    Raises:
        ValueError: as `make` does, and for a scorer that has a model grade the answers.
    """
    scorer = make(name, **options)
    if isinstance(scorer, JudgedScorer):
        raise ValueError(f"the scorer {name!r} has a model grade the answers: choose a judge")
    return scorer


def make(name: str, **options: Any) -> Scorer | JudgedScorer:
    """Make any scorer by its name.

    Args:
        name: one of `names()`.
        options: its options, as its class documents them.

    Raises:
        ValueError: no such scorer, no such option, or a bad value; the message lists what there is.
    """
    scorer = load(name)
    known: list[str] = [field.name for field in fields(scorer)] if is_dataclass(scorer) else []
    if unknown := sorted(options.keys() - set(known)):
        takes = f"its options are: {', '.join(known)}" if known else "it has none"
        raise ValueError(f"the scorer {name!r} has no option {', '.join(map(repr, unknown))}; {takes}")
    try:
        return scorer(**options)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the scorer {name!r} cannot be made with these options: {error}") from error


def score(name: str, answer: str, truth: str | Target, **options: Any) -> Score:
    """Judge one answer with the scorer of that name, made with these options.

    Args:
        name: one of `names()`.
        answer: the model's text.
        truth: the gold answer, or a `Target` where there are aliases, choices or metadata too.
        options: the scorer's options.

    Raises:
        ValueError: as `get` does.
    """
    return get(name, **options).score(answer, truth if isinstance(truth, Target) else Target(truth))
