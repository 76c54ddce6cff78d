"""What an evaluation was for: goal, metrics and kinds of task."""

from __future__ import annotations

from collections import Counter

from stratix.analysis.summary.facts import Facts, Named
from stratix.analysis.summary.kinds import KINDS
from stratix.analysis.summary.wording import count, listing

_TASKS = {
    "arithmetic": "calculating with numbers",
    "bias": "answering without leaning on stereotypes",
    "biology": "questions of biology and its laboratory work",
    "code": "writing programs that pass tests",
    "common-sense": "conclusions about everyday situations",
    "factuality": "stating facts without making them up",
    "general-knowledge": "questions of general knowledge",
    "instruction-following": "doing exactly what an instruction asks",
    "knowledge": "questions of school and university subjects",
    "language-understanding": "telling what a text means and implies",
    "mathematics": "solving mathematical problems",
    "medicine": "questions of medicine",
    "multilingual": "tasks in several languages",
    "multiple-choice": "choosing the right one of the options given",
    "question-answering": "short answers to open questions",
    "reading-comprehension": "answering from a text that is given",
    "reasoning": "conclusions that take several steps",
    "science": "questions of the natural sciences",
    "sentiment": "telling the attitude of a text",
}
_MEANINGS = {
    "accuracy": "the share of prompts answered right",
    "exact match": "the share of answers that match an accepted answer exactly",
    "token F1": "how well the words of the answers overlap those of the accepted ones, on average",
    "pass@1": "the share of problems whose first answer passes the tests",
    "mean score": "the mean of the scores of all answers",
}
_FEWEST_OF_A_KIND = 0.02


def goal(facts: Facts) -> str:
    """Return what the evaluation was to find out."""
    about = facts.about
    if about.description:
        return f"{about.benchmark}: {' '.join(about.description.split())}"
    asked = count(len(facts.prompts), "prompt")
    scored = f" scored by {listing([scorer.name for scorer in about.scorers])}" if about.scorers else ""
    return f"How well {about.model} answers the {asked} of {about.benchmark},{scored}.".replace(",.", ".")


def metrics(facts: Facts) -> list[Named]:
    """Return what was measured, the benchmark's own number first."""
    about = facts.about
    meaning = _MEANINGS.get(about.metric, "the mean of the scores of all answers")
    rules = " ".join(f"{scorer.name}: {_lower(scorer.description)}" for scorer in about.scorers)
    by = f" Scored by {rules}" if rules else ""
    judge = f" Graded by {about.judge}." if about.judge else ""
    epochs = (
        f" Each prompt was asked {about.epochs} times, its scores reduced by {about.reducer}."
        if about.epochs > 1
        else ""
    )
    own = Named(
        about.metric, f"{meaning[0].upper()}{meaning[1:]}; what is not valid counts 0.{by}{judge}{epochs}"
    )
    found = [own]
    judged = facts.figures.get("judged") or {}
    if judged.get("f_score") is not None:
        found.append(
            Named(
                "F-score",
                "The harmonic mean of two shares of right answers: among all, and among those attempted.",
            )
        )
    return [*found, *about.measured]


def task_types(facts: Facts) -> list[Named]:
    """Return the kinds of task: those of the catalogue, or else those the expected answers show."""
    if facts.about.categories:
        return [Named(name, _described(name)) for name in facts.about.categories]
    counts = Counter(prompt.kind for prompt in facts.prompts.values())
    total = counts.total()
    return [
        Named(kind, f"{number:,} of the {count(total, 'prompt')} asked expect {KINDS[kind]}.")
        for kind, number in counts.most_common()
        if number >= _FEWEST_OF_A_KIND * total
    ]


def _described(category: str) -> str:
    text = _TASKS.get(category, category.replace("-", " "))
    return f"{text[:1].upper()}{text[1:]}."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
