"""Exact match: the whole answer is the truth."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic.dataclasses import dataclass

from stratix.scorers import _text
from stratix.scorers._options import STRICT
from stratix.scorers.base import Score, Scorer, Target


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Exact(Scorer):
    """Right if the whole answer equals an accepted answer after a stated normalisation.

    Always: Unicode forms, quotes and dashes are made one, white space is squashed, Markdown emphasis is
    removed. Nothing is extracted: "The answer is Paris." is not "Paris". Choose `includes` or another
    scorer where the prompt does not ask for the answer alone. Source: the exact match of HELM and of
    the Language Model Evaluation Harness, with their options.

    Attributes:
        ignore_case: "paris" equals "Paris".
        ignore_punctuation: `none`; `ends` (quotes, full stops and the like around the answer); `all`.
        ignore_articles: "the Nile" equals "Nile"; needs `ignore_case`.
        ignore_accents: "Bogota" equals "Bogotá".
    """

    name: ClassVar[str] = "exact"

    ignore_case: bool = True
    ignore_punctuation: Literal["none", "ends", "all"] = "ends"
    ignore_articles: bool = False
    ignore_accents: bool = False

    def __post_init__(self) -> None:
        if self.ignore_articles and not self.ignore_case:
            raise ValueError("ignore_articles needs ignore_case")

    def normalise(self, text: str) -> str:
        """Return the form of a text that is compared."""
        whole = _text.squash(_text.plain(_text.unify(text)))
        if self.ignore_punctuation == "all":
            form = _text.without_punctuation(whole)
        elif self.ignore_punctuation == "ends":
            form = _text.bare(text)
        else:
            form = whole
        form = form or whole  # a truth such as "?" must not turn into nothing
        if self.ignore_case:
            form = form.casefold()
        if self.ignore_articles:
            form = _text.without_articles(form) or form
        return _text.without_accents(form) if self.ignore_accents else form

    def score(self, answer: str, target: Target) -> Score:
        """Compare the whole answer with each accepted answer."""
        form = self.normalise(answer)
        if any(form == self.normalise(accepted) for accepted in target.accepted):
            return Score.graded(1.0, form, "equals the truth")
        return Score.graded(0.0, form, "differs from the truth")
