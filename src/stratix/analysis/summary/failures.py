"""How a model failed: by outcome, by what shows in single answers, and by what wrong answers share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stratix.analysis.multiple import holm
from stratix.analysis.summary import clusters, patterns
from stratix.analysis.summary.facts import LONGEST, VALID, Facts, Text
from stratix.analysis.summary.slices import LEVEL, fisher
from stratix.analysis.summary.wording import clean, count, listing, percent, quote, quote_ends

_OUTCOMES = {
    "unparsed": "nothing that could be compared was found in the answer",
    "truncated": "the answer was cut off by the token limit",
    "reasoning_exhausted": "all tokens went into reasoning and no answer began",
    "refused": "the model or its filter declined to answer",
    "empty": "the answer was empty",
    "failed": "the endpoint failed and no answer came",
    "scorer_error": "the answer came but could not be scored",
}
_LEAST_COUNT = 3
_LEAST_SHARE = 0.02
_MOST = 8
_LEAST_PICKS = 30
_PICK_EXCESS = 0.1
_SAME = 0.7


@dataclass(frozen=True, slots=True)
class Mode:
    """One way of failing.

    Attributes:
        kind: `outcome`, `pattern`, `option` or `words`.
        name: the outcome, pattern, option or words.
        count: answers that failed so.
        of: answers it is counted among: all for outcomes, else the wrong ones that were read.
        sentence: the mode in words, with its numbers and an example.
        example: one of them; None where there is none to show.
        figures: further figures of the sentence.
        places: position and epoch of those whose text was read.
    """

    kind: str
    name: str
    count: int
    of: int
    sentence: str
    example: Text | None
    figures: Mapping[str, float]
    places: frozenset[tuple[int, int]] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """Return its figures for the summary's `performance`."""
        share = self.count / self.of if self.of else 0.0
        own = {"kind": self.kind, "name": self.name, "count": self.count, "of": self.of, "share": share}
        return {**own, **self.figures}


def modes(facts: Facts) -> list[Mode]:
    """Return the common ways of failing, those by outcome first, then the commonest."""
    shown = _patterns(facts)
    unreadable = frozenset((text.position, text.epoch) for text in facts.wrong if text.outcome == "unparsed")
    named = [unreadable, *(mode.places for mode in shown)]
    found = [*shown, *_picked(facts), *_clusters(facts, named)]
    return [*_outcomes(facts), *sorted(found, key=lambda mode: -mode.count)][:_MOST]


def _outcomes(facts: Facts) -> list[Mode]:
    outcomes = facts.figures.get("outcomes") or {}
    done, found = sum(outcomes.values()), []
    for name, number in sorted(outcomes.items(), key=lambda item: -item[1]):
        if name in VALID or not number:
            continue
        sentence = f"{_upper(_OUTCOMES.get(name, name))}: {_of(number, done, 'answer')}"
        figures: dict[str, float] = {}
        if name in {"truncated", "reasoning_exhausted"}:
            figures["max_tokens"] = facts.about.max_tokens
            sentence += f"; the benchmark's limit is {facts.about.max_tokens:,} tokens"
        if name == "truncated" and (loops := facts.loops):
            figures["loops"] = loops
            sentence += f", and {loops:,} {facts.of_them} repeat themselves"
        if name in {"failed", "scorer_error"} and facts.errors:
            reasons = listing([f"{quote(text, 120)} ({times:,}×)" for text, times in facts.errors])
            figures |= {f"error_{at}": times for at, (_, times) in enumerate(facts.errors, 1)}
            sentence += f". Reasons: {reasons}"
        example = facts.examples.get(name)
        shown = f". For example {_shown(example)}" if example and example.answer.strip() else ""
        found.append(Mode("outcome", name, number, done, f"{sentence}{shown}.", example, figures))
    return found


def _patterns(facts: Facts) -> list[Mode]:
    """Return patterns that wrong answers show, where right ones can show them too, more than those."""
    languages: dict[str, str] = {}
    wrong, right = _flagged(facts, facts.wrong, languages), _flagged(facts, facts.right, languages)
    read, right_read = len(facts.wrong), len(facts.right)
    shown = [name for name in patterns.PATTERNS if _is_common(len(wrong[name]), read)]
    compared = [name for name in shown if name not in patterns.ALONE]
    p_values = [fisher(len(wrong[name]), read, len(right[name]), right_read) for name in compared]
    unsure = {name for name, p_value in zip(compared, holm(p_values), strict=True) if p_value > LEVEL}
    found = []
    for name in shown:
        number = len(wrong[name])
        if name in unsure or (name in compared and number * right_read <= len(right[name]) * read):
            continue
        sentence = f"In {_of(number, read, facts.wrong_of)} {patterns.PATTERNS[name]}"
        figures: dict[str, float] = {"limit": patterns.LIMITS[name]} if name in patterns.LIMITS else {}
        if name in compared and right_read:
            figures = {"right": len(right[name]), "right_share": len(right[name]) / right_read}
            sentence += f", in {percent(figures['right_share'])} of the right ones"
        example = wrong[name][0]
        found.append(
            Mode(
                "pattern", name, number, read, f"{sentence}. For example {_shown(example)}.", example, figures
            )
        )
    return found


def _flagged(facts: Facts, texts: Sequence[Text], languages: dict[str, str]) -> dict[str, list[Text]]:
    """Return the answers that show each pattern.

    Args:
        facts: the evaluation.
        texts: the answers.
        languages: of the questions by subset, told from the first that is long enough; filled here.
    """
    found: dict[str, list[Text]] = defaultdict(list)
    for text in texts:
        if not languages.get(text.subset):
            languages[text.subset] = patterns.language(text.prompt)
        kind = facts.prompts[text.position].kind
        for flag in patterns.flags(text, kind, languages[text.subset]):
            found[flag].append(text)
    return found


def _picked(facts: Facts) -> list[Mode]:
    """Return the option that is picked far more often than it is right."""
    given = sum(picked for picked, _ in facts.picks.values())
    if given < _LEAST_PICKS:
        return []
    name, (picked, right) = max(facts.picks.items(), key=lambda item: item[1][0] - item[1][1])
    excess = (picked - right) / given
    p_value = min(1.0, len(facts.picks) * fisher(picked, given, right, given))
    if excess < _PICK_EXCESS or p_value > LEVEL:
        return []
    sentence = (
        f"The option {quote(name, 20)} is picked in {_of(picked, given, 'answer')} but is right in "
        f"{percent(right / given)}: a leaning to one position, whatever is asked."
    )
    return [Mode("option", name, picked, given, sentence, None, {"right_share": right / given})]


def _clusters(facts: Facts, named: Sequence[frozenset[tuple[int, int]]]) -> list[Mode]:
    """Return the words that wrong answers share, but where an outcome or a pattern says it better."""
    found = []
    for cluster in clusters.specific(facts.wrong, facts.right):
        if any(len(cluster.places & other) > _SAME * len(cluster.places | other) for other in named):
            continue
        words = listing([f"“{term}”" for term in cluster.terms])
        share = cluster.right / cluster.right_read if cluster.right_read else 0.0
        against = f" and in {percent(share)} of the right ones" if cluster.right_read else ""
        of = _of(cluster.wrong, cluster.wrong_read, facts.wrong_of)
        noun = "word" if len(cluster.terms) == 1 else "words"
        sentence = f"The {noun} {words} {'stands' if noun == 'word' else 'stand'} in {of}{against}."
        found.append(
            Mode(
                "words",
                " ".join(cluster.terms),
                cluster.wrong,
                cluster.wrong_read,
                f"{sentence} For example {_shown(cluster.example)}.",
                cluster.example,
                {"right": cluster.right, "right_share": share} if cluster.right_read else {},
            )
        )
    return found


def example(facts: Facts, found: list[Mode]) -> str:
    """Return a telling failure in full: one of the commonest way of failing, else any wrong answer."""
    outcomes = facts.figures.get("outcomes") or {}
    invalid = sum(number for name, number in outcomes.items() if name not in VALID)
    # Where few answers are not valid, a wrong one tells more of the model.
    if facts.wrong and invalid <= facts.about.threshold * sum(outcomes.values()):
        found = [mode for mode in found if mode.kind != "outcome"]
    telling = max((mode for mode in found if mode.example), key=lambda mode: mode.count, default=None)
    text = telling.example if telling else (facts.wrong[0] if facts.wrong else None)
    if text is None:
        return ""
    parts = [
        f"Subset: {text.subset}" if text.subset else "",
        f"Prompt:\n{_long(text.prompt)}",
        f"Expected: {_long(text.truth)}" if text.truth else "",
        f"Answer:\n{_long(text.answer)}" if text.answer else "Answer: none",
        f"Read as: {_long(text.extracted)}" if text.extracted and text.extracted != text.answer else "",
        f"Outcome: {text.outcome}{f' ({_long(text.explanation)})' if text.explanation else ''}",
    ]
    return "\n\n".join(part for part in parts if part)


def _is_common(number: int, of: int) -> bool:
    return number >= max(_LEAST_COUNT, _LEAST_SHARE * of)


def _of(number: int, total: int, noun: str) -> str:
    return f"{number:,} of {count(total, noun)} ({percent(number / total if total else 0.0)})"


def _shown(text: Text) -> str:
    asked, expected = quote(text.prompt), f", expected {quote(text.truth, 80)}" if text.truth else ""
    return f"{asked}{expected}: {quote_ends(text.answer)}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _long(text: str) -> str:
    cleaned = clean(text).strip()
    return cleaned if len(cleaned) < LONGEST else f"{cleaned[:LONGEST]}… (cut here)"
