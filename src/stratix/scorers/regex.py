"""Regular expressions: extract an answer by a pattern, or check an answer's form."""

from __future__ import annotations

from typing import ClassVar, Literal

import regex
from pydantic import Field
from pydantic.dataclasses import dataclass

from stratix.scorers import _text
from stratix.scorers._options import STRICT
from stratix.scorers.base import Score, Scorer, Target


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Regex(Scorer):
    """Compares what a pattern finds in the answer with the truth.

    With `pattern`, its first group that took part (or the whole match) is extracted and compared with
    the accepted answers, case and outer punctuation aside; an answer it does not match is unparsed. Without
    `pattern`, each accepted answer is itself a pattern that the answer must match somewhere, for
    benchmarks that check a form. Source: the regular expression filters of the Language Model
    Evaluation Harness. Patterns are those of the `regex` library.

    Attributes:
        pattern: what to extract; None to take the truth as the pattern.
        take: the `first` or the `last` match.
        ignore_case: match letters in any case.
        seconds: the longest a match may take, 10 at most; a slower one raises TimeoutError.
    """

    name: ClassVar[str] = "regex"
    blocking: ClassVar[bool] = True
    parallel: ClassVar[bool] = True

    pattern: str | None = None
    take: Literal["first", "last"] = "last"
    ignore_case: bool = True
    seconds: float = Field(default=1.0, gt=0, le=10)

    def __post_init__(self) -> None:
        if self.pattern is not None:
            self._compile(self.pattern)

    def _compile(self, pattern: str) -> regex.Pattern[str]:
        try:
            return regex.compile(pattern, regex.MULTILINE | (regex.IGNORECASE if self.ignore_case else 0))
        except regex.error as error:
            raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error

    def score(self, answer: str, target: Target) -> Score:
        """Extract and compare, or match.

        Raises:
            TimeoutError: the pattern took too long on this answer.
            ValueError: the truth is taken as a pattern and is none.
        """
        if self.pattern is None:
            return self._match(answer, target)
        found = list(self._compile(self.pattern).finditer(answer, timeout=self.seconds))
        if not found:
            return Score.unparsed(f"nothing matches {self.pattern!r}")
        match = found[-1 if self.take == "last" else 0]
        groups = match.groups() or (match[0],)
        extracted = next((group for group in groups if group), "")
        right = self._form(extracted) in {self._form(accepted) for accepted in target.accepted}
        return Score.graded(
            float(right), extracted, "equals the truth" if right else "differs from the truth"
        )

    def _match(self, answer: str, target: Target) -> Score:
        for accepted in target.accepted:
            if match := self._compile(accepted).search(answer, timeout=self.seconds):
                return Score.graded(1.0, match[0], f"matches {accepted!r}")
        return Score.graded(0.0, answer, f"does not match {target.truth!r}")

    def _form(self, text: str) -> str:
        form = _text.bare(text) or text.strip()
        return form.casefold() if self.ignore_case else form
