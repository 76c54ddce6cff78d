"""The settings of a custom benchmark: what the request and the file say together, tried out on its rows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from pydantic import ValidationError

from layerlens.models import CustomBenchmarkCreate, ScorerChoice
from stratix import scorers
from stratix.api._errors import ApiError, invalid
from stratix.api.verification import judge_of
from stratix.benchmarks.base import Prompt, ScorerSpec, Task
from stratix.benchmarks.template import BadTemplate, placeholders, render

_GOLD_ROWS = 1000
_GOLD_SECONDS = 3.0
_SHOWN = 3
_ALWAYS = frozenset({"input", "subset"})
# What these compare an answer with is not itself an answer, or takes a sandbox a row to try.
_NO_ANSWER = frozenset({"code", "json_schema"})


def said(body: CustomBenchmarkCreate) -> dict[str, Any]:
    """Return the settings a request states, as fields of a `Task`; what it does not state is left out.

    Raises:
        ApiError: 422, a setting is unknown or has a bad value; the message names it.
    """
    given = dict(body.task or {})
    try:
        task = Task.model_validate(given)
    except ValidationError as error:
        problems = [
            {"field": ".".join(["task", *map(str, one["loc"])]), "message": one["msg"]}
            for one in error.errors()
        ]
        words = "; ".join(f"{one['field']}: {one['message']}" for one in problems[:5])
        raise ApiError(422, words, fields=problems) from None
    if chosen := _scorer(body.custom_scorers):
        _check_scorers({"custom_scorers": chosen})
        if "scorer" in given and task.scorer != chosen:
            raise invalid("custom_scorers", "names another scorer than `task.scorer` does: choose one")
        given["scorer"] = chosen.model_dump()
    named = {"task.scorer": task.scorer} | {
        f"task.subset_scorers.{n}": s for n, s in task.subset_scorers.items()
    }
    if task.judged_scorer is not None:
        named["task.judged_scorer"] = task.judged_scorer
    _check_scorers(named)
    return given


def _scorer(listed: Sequence[str | ScorerChoice] | None) -> ScorerSpec | None:
    if not listed:
        return None
    if len(listed) > 1:
        raise invalid("custom_scorers", "name one scorer: an answer has one score")
    one = listed[0]
    return ScorerSpec(name=one) if isinstance(one, str) else ScorerSpec(name=one.name, options=one.options)


def _check_scorers(specs: Mapping[str, ScorerSpec]) -> None:
    for field, spec in specs.items():
        try:
            scorers.make(spec.name, **spec.options)
        except (ValueError, TypeError) as error:
            raise invalid(field, str(error)) from None


def complete(given: Mapping[str, Any], stated: Mapping[str, Any], subsets: set[str]) -> Task:
    """Return the settings of the request and the file together; those of the request win.

    Args:
        given: by the request.
        stated: by the file.
        subsets: the names of the subsets there are.

    Raises:
        ApiError: 422, a scorer is not there or is for a subset that is not.
    """
    merged = {**stated, **given}
    if "scorer" in given:
        merged["subset_scorers"] = given.get("subset_scorers", {})
    merged["generation"] = {**stated.get("generation", {}), **given.get("generation", {})}
    try:
        task = Task.model_validate(merged)
    except ValidationError as error:
        first = error.errors()[0]
        raise invalid("file", f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    if unknown := sorted(set(given.get("subset_scorers") or {}) - subsets):
        there = ", ".join(sorted(subsets - {""})[:20]) or "none"
        raise invalid("task.subset_scorers", f"there is no subset {unknown[0]!r}; there are: {there}")
    _check_scorers({"file": task.scorer} | {f"file, subset {n}": s for n, s in task.subset_scorers.items()})
    return task


def tried(task: Task, prompts: Sequence[Prompt]) -> Iterator[str]:
    """Try the settings out on the prompts, and yield what a person should look at.

    Raises:
        ApiError: 422, the template cannot be filled for a prompt.
    """
    names = set(placeholders(task.template))
    looked = prompts if names - _ALWAYS - {"choices"} else prompts[:_GOLD_ROWS]
    for prompt in looked:
        try:
            render(task, prompt)
        except BadTemplate as error:
            raise invalid("task.template", str(error)) from None
    if "choices" in names and any(not prompt.choices for prompt in looked):
        yield "the template shows {choices}, and some prompts have none"
    if any(prompt.choices for prompt in looked) and "choices" not in names:
        yield "the prompts have choices, which the template does not show: put {choices} into it"
    if "input" not in names and any(isinstance(prompt.input, str) for prompt in looked):
        yield "the template does not show {input}"
    yield from _gold(task, prompts)


def _gold(task: Task, prompts: Sequence[Prompt]) -> Iterator[str]:
    """Score truths as answers: each should be right under its own scorer."""
    judge = judge_of(task)
    if judge is None:
        return
    bad: list[str] = []
    checked = failed = 0
    until = time.monotonic() + _GOLD_SECONDS
    for prompt in islice(prompts, _GOLD_ROWS):
        spec = task.scorer_of(prompt.subset)
        if spec.name in _NO_ANSWER or (spec.name == "regex" and not spec.options.get("pattern")):
            continue
        if time.monotonic() > until:
            break
        checked += 1
        try:
            value = judge(prompt, prompt.truth)
            reason = f"{prompt.truth[:60]!r} scores {value:.2f}"
        except Exception as error:  # What a scorer raises would be a scorer_error on the record.
            value, reason = 0.0, str(error)
        if value < 1.0:
            failed += 1
            if len(bad) < _SHOWN:
                bad.append(f"prompt {prompt.id}: {reason}")
    if failed:
        yield (
            f"{failed} of the first {checked} truths are not right under their own scorer "
            f"({task.scorer.name}): {'; '.join(bad)}. Choose another scorer, or look at the truths"
        )


def preview(task: Task, prompts: Sequence[Prompt]) -> list[dict[str, Any]]:
    """Return the first prompts as a model would be asked them."""
    return [
        {
            "id": prompt.id,
            "messages": render(task, prompt),
            "truth": prompt.truth,
            "aliases": list(prompt.aliases),
            "subset": prompt.subset,
            "scorer": task.scorer_of(prompt.subset).name,
        }
        for prompt in prompts[:_SHOWN]
    ]
