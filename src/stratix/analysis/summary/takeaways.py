"""What a decision can rest on: three to six sentences, every figure of which is in the data."""

from __future__ import annotations

from typing import Any

from stratix.analysis.summary.facts import About, Facts
from stratix.analysis.summary.failures import Mode
from stratix.analysis.summary.patterns import PATTERNS
from stratix.analysis.summary.performance import WIDE
from stratix.analysis.summary.slices import Slice, Slices
from stratix.analysis.summary.wording import count, listing, money, percent, points, quote

MOST = 6

_MANY = 1000
_NAMED = 3
_LONG_MS = 10_000

_OUTCOMES = {
    "unparsed": "unreadable",
    "truncated": "cut off by the token limit",
    "reasoning_exhausted": "spent on reasoning",
    "refused": "refused",
    "empty": "empty",
    "failed": "never given by the endpoint",
    "scorer_error": "not scored",
}


def takeaways(facts: Facts, figures: dict[str, Any], slices: Slices, modes: list[Mode]) -> list[str]:
    """Return the sentences, the weightiest first.

    Args:
        facts: the evaluation.
        figures: its `performance`.
        slices: those that differ.
        modes: its ways of failing.
    """
    return [*duties(facts, figures), *_remarks(facts, figures, slices, modes)][:MOST]


def duties(facts: Facts, figures: dict[str, Any]) -> list[str]:
    """Return the sentences that no summary may lack: the number, and what is the matter with it."""
    found = [_headline(facts, figures)]
    if figures["missing_answers"]:
        found.append(_missing(facts, figures))
    if figures["invalid_share"] > figures["invalid_threshold"]:
        found.append(_invalid(figures))
    return found


def _headline(facts: Facts, figures: dict[str, Any]) -> str:
    about, (low, high) = facts.about, figures["accuracy_interval"]
    prompts = count(figures["prompts"], "prompt")
    interval = f"(95% interval {percent(low)} to {percent(high)})"
    accuracy = percent(figures["accuracy"])
    plain = about.epochs == 1 and not figures["missing_answers"] and "partial" not in figures["outcomes"]
    if plain and about.metric in {"accuracy", "exact match", "pass@1", "correct"}:
        return f"{about.model} gets {accuracy} of the {prompts} of {_name(about)} right {interval}."
    epochs = f", each asked {about.epochs} times" if about.epochs > 1 else ""
    reducer = f" (scores reduced by {about.reducer})" if about.reducer != "mean" else ""
    return (
        f"{about.model} has {_article(about.metric)} {about.metric} of {accuracy} {interval} on "
        f"{_name(about)}, over {prompts}{epochs}{reducer}."
    )


def _missing(facts: Facts, figures: dict[str, Any]) -> str:
    ended = {"timeout": "timed out", "cancelled": "was cancelled"}.get(facts.about.status, "ended")
    text = (
        f"The evaluation {ended} after {figures['answers']:,} of {figures['expected_answers']:,} answers, "
        f"and its {facts.about.metric} counts the {figures['missing_answers']:,} missing ones as wrong"
    )
    mean = figures.get("accuracy_of_answers")
    return f"{text}; over those that came it is {percent(mean)}." if mean is not None else f"{text}."


def _invalid(figures: dict[str, Any]) -> str:
    outcomes = figures["outcomes"]
    words = {name: word for name, word in _OUTCOMES.items() if outcomes.get(name)}
    kinds = listing([f"{outcomes[name]:,} {word}" for name, word in words.items()])
    what = f"not valid ({kinds})" if len(words) > 1 else f"{''.join(words.values())} and so not valid"
    above = figures["invalid_share"] > figures["invalid_threshold"]
    text = (
        f"{figures['invalid_answers']:,} of {count(figures['answers'], 'answer')} "
        f"({percent(figures['invalid_share'])}) {'is' if figures['invalid_answers'] == 1 else 'are'} {what}"
    )
    if above:
        text += f", above the threshold of {percent(figures['invalid_threshold'])}"
    high = figures.get("accuracy_high")
    if high is None:
        return f"{text}."
    if figures["invalid_answers"] == 1:
        return f"{text}: had it been right, the number would be {percent(high)}."
    return f"{text}: had all of them been right, the number would be {percent(high)}."


def _remarks(facts: Facts, figures: dict[str, Any], slices: Slices, modes: list[Mode]) -> list[str]:
    found = [*_standing(facts, slices), *_failing(facts, modes)]
    precision = figures["precision"]
    if precision["half_width"] > WIDE and figures["prompts"]:
        text = (
            f"With {count(figures['prompts'], 'prompt')} the number is known to within "
            f"{points(precision['half_width'])} either way"
        )
        needed = precision.get("prompts_needed")
        found.append(
            f"{text}; about {needed:,} prompts would bring that to {points(precision['aimed_half_width'])}."
            if needed
            else f"{text}, so a smaller lead over another model takes a paired comparison to be believed."
        )
    if repeats := figures.get("repeats"):
        found.append(
            f"Of {count(repeats['prompts'], 'prompt')} asked {facts.about.epochs} times, "
            f"{repeats['always_right']:,} were right every time, {repeats['never_right']:,} never and "
            f"{repeats['sometimes_right']:,} now and then."
        )
    if not figures["invalid_answers"] and figures["answers"]:
        found.append(
            f"Every one of the {count(figures['answers'], 'answer')} is valid, so none of the misses is "
            "owed to cut-offs, refusals or failures of the endpoint."
        )
    elif figures["invalid_share"] <= figures["invalid_threshold"]:
        found.append(_invalid(figures))
    return [*found, *_spent(figures)]


def _standing(facts: Facts, slices: Slices) -> list[str]:
    # What the prompts have in common can be foreseen; how long an answer gets cannot.
    foreseen = sorted(
        (found for found in slices.found if found.kind != "answer length"), key=lambda found: found.difference
    )
    weak = [_against(found) for found in foreseen if found.difference < 0][:_NAMED]
    strong = [_against(found) for found in reversed(foreseen) if found.difference > 0][:_NAMED]
    parts = [f"weakest on {listing(weak)}"] * bool(weak) + [f"strongest on {listing(strong)}"] * bool(strong)
    if parts:
        return [f"It is {', and '.join(parts)}."]
    if slices.tested > 1 and not slices.found:
        prompts = len(facts.prompts)
        few = f"; with {prompts:,} prompts only large differences would show" if prompts < _MANY else ""
        return [
            f"None of the {slices.tested} subsets and slices tested differs from the rest beyond chance{few}."
        ]
    return []


def _against(found: Slice) -> str:
    return f"{found.name} ({percent(found.accuracy)} against {percent(found.rest)} elsewhere)"


def _failing(facts: Facts, modes: list[Mode]) -> list[str]:
    """Return what is said of the commonest ways of failing that lie in the answers themselves."""
    telling = [mode for mode in modes if mode.kind != "outcome"]
    found = []
    for mode in telling[:2]:
        share = percent(mode.count / mode.of)
        wrong = f"{mode.count:,} of {count(mode.of, facts.wrong_of)} ({share})"
        if mode.name == "contains" and mode.kind == "pattern":
            found.append(
                f"{wrong} hold the expected one word for word: see "
                "whether the scorer is too strict before trusting the number."
            )
        elif mode.kind == "pattern":
            found.append(f"In {wrong} {PATTERNS[mode.name]}.")
        elif mode.kind == "option":
            found.append(
                f"It picks the option {quote(mode.name, 20)} in {share} of its answers, though it is right "
                f"in {percent(mode.figures['right_share'])} only."
            )
        else:
            terms = [f"“{term}”" for term in mode.name.split()]
            shared = mode.figures.get("right_share")
            against = "" if shared is None else f", against {percent(shared)} of the right ones"
            words = f"{'word' if len(terms) == 1 else 'words'} {listing(terms)}"
            found.append(f"{wrong} share the {words}{against}.")
    return found


def _spent(figures: dict[str, Any]) -> list[str]:
    latency, cost = figures["latency_ms"], figures["cost"]
    parts = []
    if latency:
        parts.append(
            f"An answer took {_time(latency['p50'])} in the median and {_time(latency['p95'])} or more in "
            "the slowest twentieth"
        )
    if cost.get("total"):
        right = cost.get("per_1000_right_answers")
        parts.append(
            f"the evaluation cost {money(cost['total'])}"
            + (f" ({money(right)} per 1,000 right answers)" if right else "")
        )
    return [f"{'; '.join(parts)}."] if parts else []


def _time(milliseconds: int) -> str:
    return f"{milliseconds:,} ms" if milliseconds < _LONG_MS else f"{milliseconds / 1000:,.1f} s"


def _name(about: About) -> str:
    """Return the benchmark's name; one of the user's own may read like part of the sentence."""
    return about.benchmark if about.categories else quote(about.benchmark)


def _article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeio" else "a"
