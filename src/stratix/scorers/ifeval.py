"""Instruction following in the manner of IFEval: what a program can verify about an answer's form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic.dataclasses import dataclass

from stratix.scorers._instructions import follows
from stratix.scorers._options import STRICT
from stratix.scorers.base import Score, Scorer, Target


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Ifeval(Scorer):
    """Right if the answer follows every instruction of its prompt.

    The row's metadata holds `instruction_id_list` and `kwargs`, one set of arguments for each instruction, as
    the published data has them. The value is the prompt's; the explanation says how many instructions were
    followed, and which were not. The truth is not looked at. Source: Zhou et al., 2023 (arXiv:2311.07911),
    whose checks are written anew here: sentences are split by rules of our own, and languages are told by
    py3langid, so single verdicts may differ.

    Attributes:
        mode: `strict`; or `loose`, which also tries the answer without its first line, its last line and its
            asterisks, so that "Sure, here it is:" and emphasis break nothing.
    """

    name: ClassVar[str] = "ifeval"
    blocking: ClassVar[bool] = True

    mode: Literal["strict", "loose"] = "strict"

    def score(self, answer: str, target: Target) -> Score:
        """Check each instruction.

        Raises:
            ValueError: the metadata has no instructions, unknown ones, or arguments that do not fit.
        """
        texts = [answer] if self.mode == "strict" else list(dict.fromkeys(_variants(answer)))
        instructions = _instructions(target.metadata)
        broken = [
            name
            for name, arguments in instructions
            if not any(follows(name, arguments, text) for text in texts)
        ]
        followed = len(instructions) - len(broken)
        explanation = f"{followed} of {len(instructions)} instructions followed ({self.mode})"
        if broken:
            explanation += f"; not {', '.join(broken)}"
        return Score.graded(float(not broken), answer.strip() or None, explanation)


def _instructions(metadata: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    names = metadata.get("instruction_id_list")
    if not names:
        raise ValueError("the row's metadata has no `instruction_id_list`")
    arguments = metadata.get("kwargs") or [{}] * len(names)
    if len(arguments) != len(names):
        raise ValueError(f"{len(names)} instructions need as many `kwargs`, not {len(arguments)}")
    return [(name, given or {}) for name, given in zip(names, arguments, strict=True)]


def _variants(answer: str) -> Iterator[str]:
    """Yield the forms of an answer in which the paper's loose accuracy accepts it."""
    lines = answer.split("\n")
    for part in (lines, lines[1:], lines[:-1], lines[1:-1]):
        text = "\n".join(part).strip()
        yield text
        yield text.replace("*", "")
