"""Benchmarks that a model wrote from documents: their prompts, how these are put and scored."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from stratix.benchmarks.base import Prompt, ScorerSpec, Task

TASK = Task(
    system="Answer the question as briefly as you can. If you do not know the answer, say so.",
    scorer=ScorerSpec(name="simpleqa_match"),
    judged_scorer=ScorerSpec(name="rubric"),
)
"""How they are put and scored: short answers have the truth in them, or a judge says how far they agree."""

_LONGEST_SUBSET = 256
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A passage and what came of it.

    Attributes:
        position: its number among the passages, from 0.
        file: the document it is of.
        place: where it stands there.
        text: its text.
        outcome: `prompts`, `barren` (nothing to ask about), `unreadable` or `failed`.
        pairs: `question` and `answer` of each prompt.
        error: why there are none.
    """

    position: int
    file: str
    place: str
    text: str
    outcome: str
    pairs: Sequence[dict[str, str]]
    error: str


def key_of(question: str) -> str:
    """Return what two questions have in common that ask the same but for case, punctuation and blanks."""
    plain = unicodedata.normalize("NFKC", question).casefold()
    return " ".join(re.findall(r"\w+", plain)) or plain


def prompts_of(passages: Sequence[Asked]) -> tuple[list[Prompt], int]:
    """Return the prompts of passages, in their order, and how many were left out as duplicates.

    Each says in its metadata which `file` and `place` it is from, and has the `passage` itself, which a
    template can show. With several documents, each is a subset.

    Args:
        passages: all of them, in order.
    """
    several = len({passage.file for passage in passages}) > 1
    found: dict[str, Prompt] = {}
    count = 0
    for passage in passages:
        subset = passage.file[:_LONGEST_SUBSET] if several else ""
        metadata = {"file": passage.file, "place": passage.place, "passage": passage.text}
        for number, pair in enumerate(passage.pairs, start=1):
            count += 1
            prompt = Prompt(
                f"{passage.position + 1}-{number}",
                pair["question"],
                pair["answer"],
                subset,
                metadata=metadata,
            )
            found.setdefault(key_of(pair["question"]), prompt)
    return list(found.values()), count - len(found)


def findings(passages: Sequence[Asked], duplicates: int) -> Iterator[str]:
    """Yield what a person should know of how the prompts came about, a sentence each.

    Args:
        passages: all of them, in order.
        duplicates: prompts that were left out.
    """
    counts = Counter(passage.outcome for passage in passages)
    yield f"{counts['prompts']} of {len(passages)} passages gave prompts."
    if barren := counts["barren"]:
        yield f"{barren} passage{'s' if barren != 1 else ''} held nothing to ask about."
    for outcome, words in (
        ("unreadable", "what the model wrote about them could not be read"),
        ("failed", "the model did not answer"),
    ):
        if not (count := counts[outcome]):
            continue
        of_these = [passage for passage in passages if passage.outcome == outcome]
        shown = [f"{passage.file}, {passage.place}: {passage.error}" for passage in of_these[:_SHOWN]]
        more = f"; and {len(of_these) - _SHOWN} more" if len(of_these) > _SHOWN else ""
        yield f"{count} passage{'s' if count != 1 else ''} gave none, for {words}: {'; '.join(shown)}{more}"
    if duplicates:
        yield f"{duplicates} prompts asked the same as another one and were left out."


def asked_of(row: Any) -> Asked:
    """Return the passage that a row of the table `smart_passages` holds."""
    return Asked(row.position, row.file, row.place, row.text, row.outcome or "", row.pairs or [], row.error)
