"""Verifying a benchmark: its hash, its count, its duplicates, its truths under its own scorer, and leaks."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from stratix.benchmarks.base import Prompt, Task
from stratix.benchmarks.install import VersionHash
from stratix.benchmarks.template import fill, placeholders, render

Status = Literal["ok", "note", "problem", "not checked"]
Judge = Callable[[Prompt, str], float]
"""The score (0.0 to 1.0) of an answer to a prompt; anything it raises counts as a failure of the scorer."""

_EXAMPLES = 5
_SAMPLE = 100  # of each batch are judged with another prompt's truth
_LONG = 100  # characters from which a truth does not stand in a question by chance
_MARK = r"(?:\banswers?\s+(?:is|are)\b\s*:?|\banswer\s*[:=]|####)\s*[\"'(]?"


@dataclass(slots=True)
class Finding:
    """What one check found.

    Attributes:
        check: its name.
        status: how bad it is.
        message: one sentence on it.
        count: how many prompts are concerned.
        examples: some of them, by id and why.
    """

    check: str
    status: Status = "ok"
    message: str = ""
    count: int = 0
    examples: list[str] = field(default_factory=list)

    def meet(self, prompt: Prompt, why: str = "") -> None:
        """Count a prompt that it concerns."""
        self.count += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(f"{prompt.id}: {why}" if why else prompt.id)


class Verifier:
    """Takes a benchmark's prompts in batches, in order, and then tells what it found.

    Args:
        task: how it is put to a model.
        judge: scores an answer; None where that takes a judge model.
    """

    def __init__(self, task: Task, judge: Judge | None) -> None:
        self._task, self._judge = task, judge
        self._hash = VersionHash(task)
        self._prompts = self._truths = 0
        self._seen: dict[bytes, str] = {}
        self._gold: list[float] = []
        self._shuffled: list[float] = []
        self._random = random.Random(0)  # noqa: S311  # no secret; the same prompts are drawn each time
        self._repeated = Finding("duplicates")
        self._contradictory = Finding("contradictions")
        self._empty = Finding("empty truths")
        self._refused = Finding("truths")
        self._leaks = Finding("leaks")
        self._held = Finding("truth in the question")
        self._shown = Finding("worked examples")
        self._worked = {
            subset: {
                _asked(task, Prompt("", one.input, one.truth, subset, (), one.choices, one.metadata))
                for one in examples
            }
            for subset, examples in task.examples.items()
        }
        names = set(placeholders(task.template))
        # A text that the question is about holds its answer by nature.
        self._texts = names - {"input", "choices", "subset"}
        self._subsets: set[str] = set()

    @property
    def count(self) -> int:
        """The prompts it has begun to look at; may be asked from another thread."""
        return self._prompts

    def add(self, batch: Sequence[Prompt]) -> None:
        """Look at the next prompts."""
        for prompt in batch:
            self._prompts += 1
            self._hash.add(prompt)
            self._subsets.add(prompt.subset)
            text = _text(render(self._task, prompt)[-1].get("content"))  # what comes before are examples
            self._look_for_duplicates(prompt, text)
            # Those of other subsets do not come before this question.
            worked = self._worked.get(prompt.subset, self._worked.get("", set()))
            if worked and _asked(self._task, prompt) in worked:
                self._shown.meet(prompt)
            if not prompt.truth.strip():
                self._empty.meet(prompt)
                continue
            self._truths += 1
            self._look_for_leaks(prompt, text)
            self._judge_truth(prompt)
        self._judge_shuffled([prompt for prompt in batch if prompt.truth.strip()])

    def _look_for_duplicates(self, prompt: Prompt, text: str) -> None:
        mark = hashlib.sha256(text.encode()).digest()
        truth = self._seen.setdefault(mark, prompt.truth)
        if truth is not prompt.truth:
            self._repeated.meet(prompt)
        if truth != prompt.truth:
            self._contradictory.meet(prompt, f"{_short(truth)} and {_short(prompt.truth)}")

    def _look_for_leaks(self, prompt: Prompt, text: str) -> None:
        truth = prompt.truth.strip()
        for name in self._texts:
            text = text.replace(_text(prompt.metadata.get(name, "")), "")
        if re.search(rf"{_MARK}{re.escape(truth)}(?!\w)", text, re.IGNORECASE):
            self._leaks.meet(prompt, f"its text says that the answer is {_short(truth)}")
        elif not prompt.choices and not self._texts and truth in text:
            if len(truth) >= _LONG:
                self._leaks.meet(prompt, f"its text holds {_short(truth)}")
            elif re.search(rf"(?<!\w){re.escape(truth)}(?!\w)", text):
                self._held.meet(prompt, _short(truth))

    def _judge_truth(self, prompt: Prompt) -> None:
        if self._judge is None:
            return
        try:
            value = self._judge(prompt, prompt.truth)
        except Exception as error:
            value = 0.0
            self._refused.meet(prompt, f"{_short(prompt.truth)}: {type(error).__name__}: {error}")
        else:
            if value < 1.0:
                self._refused.meet(prompt, f"{_short(prompt.truth)} scores {value:.2f}")
        self._gold.append(value)

    def _judge_shuffled(self, batch: Sequence[Prompt]) -> None:
        if self._judge is None or len(batch) < 2:
            return
        others = list(batch)
        self._random.shuffle(others)
        for prompt, other in zip(others[:_SAMPLE], [*others[1:], others[0]], strict=False):
            try:
                self._shuffled.append(self._judge(prompt, other.truth))
            except Exception:  # A scorer that refuses another prompt's truth does not accept it either.
                self._shuffled.append(0.0)

    @property
    def truth_accuracy(self) -> float | None:
        """The mean score of the truths given as answers; None if none was scored."""
        return _mean(self._gold)

    @property
    def shuffled_accuracy(self) -> float | None:
        """The mean score of the truths given as answers to other prompts; None if none was scored."""
        return _mean(self._shuffled)

    def findings(
        self, version: str | None, counts: Collection[int] = (), subsets: Collection[str] = ()
    ) -> list[Finding]:
        """Return what was found, one finding a check.

        Args:
            version: the hash the benchmark was installed under; None if it has none of this kind.
            counts: how many prompts it may have: those of the complete benchmark, and of its sources that
                carry a part; empty if it may have any.
        """
        return [
            self._same(version),
            self._complete(counts, subsets),
            *self._duplicates(),
            *self._judged(),
            *self._told(),
        ]

    def _same(self, version: str | None) -> Finding:
        if version is None:
            return Finding("hash", "not checked", "its version is not a hash over its prompts")
        if version != self._hash.hexdigest():
            return Finding("hash", "problem", "what is stored is not what was installed: install it again")
        return Finding("hash", message="prompts and settings are those that were installed")

    def _complete(self, counts: Collection[int], subsets: Collection[str]) -> Finding:
        complete, has = max(counts, default=self._prompts), f"{self._prompts:,} prompts"
        if self._prompts == complete:
            return Finding("count", message=has, count=self._prompts)
        message = f"{has} of {complete:,}"
        if self._prompts in counts:
            return Finding("count", "note", f"{message}: its source carries a part", self._prompts)
        missing = sorted(set(subsets) - self._subsets)
        if missing and self._prompts < complete:
            told = f"{message}: {len(missing)} of {len(subsets)} subsets were not imported"
            return Finding("count", "note", told, self._prompts, missing[:_EXAMPLES])
        return Finding("count", "problem", message, self._prompts)

    def _duplicates(self) -> list[Finding]:
        repeated, contradictory = self._repeated, self._contradictory
        repeated.status = "note" if repeated.count else "ok"
        repeated.message = "prompts that were there already" if repeated.count else "no prompt comes twice"
        contradictory.status = "note" if contradictory.count else "ok"
        contradictory.message = (
            "prompts that were there with another truth"
            if contradictory.count
            else "no prompt has two different truths"
        )
        return [repeated, contradictory]

    def _judged(self) -> list[Finding]:
        empty, refused = self._empty, self._refused
        if empty.count and not self._truths:
            empty.status, empty.message = "not checked", "its scorer needs no truths"
        else:
            empty.status = "problem" if empty.count else "ok"
            empty.message = "prompts without a truth" if empty.count else "every prompt has a truth"
        if self._judge is None:
            refused.status, refused.message = "not checked", "its scorer has a model grade the answers"
        elif not self._truths:
            refused.status, refused.message = "not checked", "there are no truths to score"
        else:
            refused.status = "problem" if refused.count else "ok"
            refused.message = (
                "truths that its own scorer does not accept"
                if refused.count
                else "its scorer accepts every truth"
            )
        return [empty, refused]

    def _told(self) -> list[Finding]:
        leaks, held = self._leaks, self._held
        leaks.status = "problem" if leaks.count else "ok"
        leaks.message = (
            "prompts that give their answer away" if leaks.count else "no prompt gives its answer away"
        )
        held.status = "note" if held.count else "ok"
        held.message = (
            "questions that hold their truth as a word, as questions with alternatives do"
            if held.count
            else "no question holds its truth"
        )
        shown = self._shown
        shown.status = "problem" if shown.count else "ok"
        shown.message = (
            "questions that come after themselves as worked examples, with their answers"
            if shown.count
            else "no question comes after itself as a worked example"
        )
        return [leaks, held, shown] if self._worked else [leaks, held]


def _asked(task: Task, prompt: Prompt) -> str:
    """Return what a prompt asks, whatever its spaces, its capitals, its part and the order of its options."""
    alike = replace(prompt, subset="", choices=tuple(sorted(prompt.choices)))
    text = fill(task.template, alike) if isinstance(alike.input, str) else _text(alike.input)
    return " ".join(text.casefold().split())


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def _text(content: object) -> str:
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
