"""Which column of a table is what: as the user says, or as known names say where there is no doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from layerlens.models import ColumnMapping
from stratix.benchmarks.lines import BadBenchmarkFile
from stratix.benchmarks.template import placeholders

_INPUTS = ("input", "question", "prompt", "query", "problem", "instruction")
_TRUTHS = (
    "truth",
    "answer",
    "answers",
    "target",
    "ideal",
    "completion",
    "output",
    "expected",
    "expected_output",
    "expected_answer",
    "reference",
    "reference_answer",
    "gold",
    "ground_truth",
    "correct_answer",
    "answer_key",
    "answerkey",
)
_CHOICES = ("choices", "options")
_LETTERS = ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
_SUBSETS = ("subset", "category", "subject")
_IDS = ("id", "question_id")
_ALIASES = ("aliases",)
# A question that goes with one of these makes no sense without it.
_COMPANIONS = ("context", "passage", "premise", "hypothesis", "story", "document", "article", "sentence")
_FILLED = frozenset({"input", "choices", "subset"})


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column is what; "" or nothing where there is none.

    Attributes:
        input: the question.
        truth: the gold answer.
        subset: the part of the benchmark.
        id: the row's own id.
        choices: the options: one column with a list, or one for each.
        aliases: other accepted answers: one column with a list, or one for each.
        metadata: what is kept besides: name and column.
    """

    input: str
    truth: str
    subset: str = ""
    id: str = ""
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    metadata: Mapping[str, str] | None = None


CONTRACT = Columns("input", "truth", "subset")
"""The columns of the plain form, which needs no mapping."""


def choose(
    columns: Sequence[str], mapping: ColumnMapping | None, template: str | None, findings: list[str]
) -> Columns:
    """Decide which column is what.

    What the mapping leaves open is taken from known names, where only one column has such a name; so are
    the columns that the template names.

    Args:
        columns: the table's columns, in order.
        mapping: what the user says.
        template: the user's template.
        findings: gets a line on what was taken for what.

    Raises:
        BadBenchmarkFile: the mapping names a column that is not there, or there is doubt; the message
            lists the columns and says how to map them.
    """
    said = mapping or ColumnMapping()
    named = _many(said.choices) + _many(said.aliases) + tuple(_metadata(said).values())
    for column in (said.input, said.truth, said.subset, said.id, *named):
        if column is not None and column not in columns and column.split(".")[0] not in columns:
            raise BadBenchmarkFile(
                f"The mapping names the column {column!r}, which is not there.\n{_listing(columns)}"
            )
    if reserved := sorted(_FILLED & set(_metadata(said))):
        name = reserved[0]
        raise BadBenchmarkFile(
            f"The mapping keeps {name!r} as metadata, which is the name of something else: give it another, "
            f'as in {{"metadata": {{"other_{name}": "{name}"}}}}, or by --map metadata.other_{name}={name}.'
        )
    wanted = [name for name in placeholders(template or "") if name not in _FILLED and name in columns]
    taken = {said.truth, said.subset, said.id, *named}
    rest = [column for column in columns if column not in taken]
    given = said.input or _only(rest, _INPUTS, "input", columns)
    truth = said.truth or _only([c for c in rest if c != given], _TRUTHS, "truth", columns)
    if mapping is None or said.input is None:
        _no_companion([column for column in rest if column not in wanted], columns)
    free = [column for column in rest if column not in (given, truth)]
    chosen = Columns(
        input=given,
        truth=truth,
        subset=said.subset or _first(free, _SUBSETS),
        id=said.id or _first(free, _IDS),
        choices=_many(said.choices) or _options(free),
        aliases=_many(said.aliases) or _many(_first(free, _ALIASES) or None),
        metadata={**{name: name for name in wanted}, **_metadata(said)},
    )
    findings.append(_account(chosen, columns))
    return chosen


def _only(columns: Sequence[str], known: Sequence[str], what: str, all_columns: Sequence[str]) -> str:
    if known[0] in columns and {_INPUTS[0], _TRUTHS[0]} <= set(all_columns):
        return known[0]  # together these two names leave no doubt
    found = [column for column in columns if _plain(column) in known]
    if len(found) == 1:
        return found[0]
    doubt = (
        f"{' and '.join(f'`{column}`' for column in found)} could each be the {what}"
        if found
        else f"no column is surely the {what}"
    )
    raise BadBenchmarkFile(f"It is not clear which column is what: {doubt}.\n{_listing(all_columns)}")


def _no_companion(columns: Sequence[str], all_columns: Sequence[str]) -> None:
    found = [column for column in columns if _plain(column).rstrip("0123456789") in _COMPANIONS]
    if found:
        name = found[0]
        raise BadBenchmarkFile(
            f"It is not clear which column is what: `{name}` looks like a part of the question. Name it in "
            f'the template, as in "{{{name}}}\\n\\n{{input}}", or say which is the input.\n'
            f"{_listing(all_columns)}"
        )


def _first(columns: Sequence[str], known: Sequence[str]) -> str:
    for name in known:
        for column in columns:
            if _plain(column) == name:
                return column
    return ""


def _options(columns: Sequence[str]) -> tuple[str, ...]:
    if one := _first(columns, _CHOICES):
        return (one,)
    lettered = {_plain(column): column for column in columns}
    found: list[str] = []
    for letter in _LETTERS:
        column = next(
            (lettered[n] for n in (letter, f"option_{letter}", f"choice_{letter}") if n in lettered), ""
        )
        if not column:
            break
        found.append(column)
    return tuple(found) if len(found) > 1 else ()


def _account(chosen: Columns, columns: Sequence[str]) -> str:
    roles = {
        "input": [chosen.input],
        "truth": [chosen.truth],
        "subset": [chosen.subset],
        "id": [chosen.id],
        "choices": list(chosen.choices),
        "aliases": list(chosen.aliases),
        "metadata": list((chosen.metadata or {}).values()),
    }
    used = {role: [name for name in names if name] for role, names in roles.items()}
    said = "; ".join(f"{role} from {_ticked(names)}" for role, names in used.items() if names)
    tops = {name for names in used.values() for one in names for name in (one, one.split(".")[0])}
    unused = [column for column in columns if column not in tops]
    return f"columns: {said}" + (f"; not used: {_ticked(unused)}" if unused else "")


def _listing(columns: Sequence[str]) -> str:
    return (
        f"The columns are {_ticked(columns)}. Say which is what in `mapping`, as in "
        '{"input": "question", "truth": "answer"}, or by --map input=COLUMN --map truth=COLUMN.'
    )


def _ticked(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:40])
    return shown + (f" and {len(names) - 40} more" if len(names) > 40 else "")


def _plain(column: str) -> str:
    return column.strip().lower().replace(" ", "_").replace("-", "_")


def _many(names: str | list[str] | None) -> tuple[str, ...]:
    return () if names is None else (names,) if isinstance(names, str) else tuple(names)


def _metadata(said: ColumnMapping) -> dict[str, str]:
    kept = said.metadata or {}
    return kept if isinstance(kept, dict) else {name: name for name in kept}
