"""How a benchmark is put to a model and scored: the settings its catalogue entry states."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

_REASONING_HEADROOM = 16_384


class ScorerSpec(BaseModel):
    """A scorer by name with its options."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    options: dict[str, Any] = Field(default_factory=dict)


class Generation(BaseModel):
    """How the model is asked to generate; everything else is the endpoint's default.

    `max_tokens` must be enough for the answer, or answers end as `truncated`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_tokens: int = Field(1024, ge=1)
    temperature: float = Field(0.0, ge=0.0, le=2.0)
    stop: tuple[str, ...] = ()

    def limit(self, token_parameter: str, most: int | None) -> int:
        """Return the token limit of a request to a model.

        It is the benchmark's, within the model's. Models that reason before they answer spend it on
        both, so they get room for the reasoning on top.

        Args:
            token_parameter: the field of the request that carries it.
            most: the most tokens the model generates; None where it states no limit.
        """
        reasons = token_parameter == "max_completion_tokens"  # noqa: S105  # the name of a field
        limit = self.max_tokens + (_REASONING_HEADROOM if reasons else 0)
        return limit if most is None else min(limit, most)


class Example(BaseModel):
    """A worked example that comes before the question: a prompt and its answer.

    Attributes:
        input: the question.
        truth: its gold answer.
        choices: the texts of its options; empty for none.
        metadata: what else the template wants.
        reply: what the model is shown to have answered; "" for "Answer: " and the truth.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: str
    truth: str
    choices: tuple[str, ...] = ()
    metadata: dict[str, Any] = Field(default_factory=dict)
    reply: str = ""

    @model_serializer(mode="wrap")
    def _without_what_it_lacks(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _lean(dump(self), "reply")


class Task(BaseModel):
    """The settings that turn a benchmark's prompts into requests and their answers into scores.

    Pinned with every installed version of a benchmark, so that an old evaluation can always say
    how its number came about.

    Attributes:
        template: text with `{input}` (and `{choices}`, `{subset}` or any metadata name) that becomes
            the user message; message lists and JSON inputs are sent as they are.
        system: the system message; "" for none.
        scorer: how answers are scored.
        subset_scorers: scorers of the subsets that need another one.
        judged_scorer: the scorer of every subset in evaluations for which a judge model was chosen; None
            where a judge changes nothing.
        generation: generation settings.
        shots: how many worked examples of its subset come before each question, unless an evaluation says.
        shot_template: the template where an evaluation wants worked examples; "" for the same.
        examples: the worked examples by subset, "" for those of all; an installation puts them here from
            its source's files.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    template: str = "{input}"
    system: str = ""
    scorer: ScorerSpec = ScorerSpec(name="exact")
    subset_scorers: dict[str, ScorerSpec] = Field(default_factory=dict)
    judged_scorer: ScorerSpec | None = None
    generation: Generation = Generation()
    shots: int = Field(0, ge=0)
    shot_template: str = ""
    examples: dict[str, tuple[Example, ...]] = Field(default_factory=dict)

    def scorer_of(self, subset: str, *, judged: bool = False) -> ScorerSpec:
        """Return the scorer of a subset, with a judge model at hand or without."""
        if judged and self.judged_scorer is not None:
            return self.judged_scorer
        return self.subset_scorers.get(subset, self.scorer)

    def scorers(self, *, judged: bool = False) -> list[ScorerSpec]:
        """Return every scorer it may use, with a judge model at hand or without."""
        if judged and self.judged_scorer is not None:
            return [self.judged_scorer]
        return [self.scorer, *self.subset_scorers.values()]

    def examples_of(self, subset: str) -> tuple[Example, ...]:
        """Return the worked examples that come before the questions of a subset."""
        return self.examples.get(subset, self.examples.get("", ()))[: self.shots]

    def most_shots(self, subsets: Iterable[str]) -> int:
        """Return how many worked examples there are for each of some subsets, at the least."""
        whole = self.examples.get("", ())
        return min((len(self.examples.get(subset, whole)) for subset in subsets or [""]), default=0)

    def with_shots(self, shots: int | None) -> Task:
        """Return the task with so many worked examples, and with none that is not shown.

        Args:
            shots: how many; None for the task's own number.
        """
        template = self.shot_template if shots and self.shot_template else self.template
        shots = self.shots if shots is None else shots
        examples = {name: some[:shots] for name, some in self.examples.items() if shots}
        return self.model_copy(update={"template": template, "shots": shots, "examples": examples})

    @model_serializer(mode="wrap")
    def _without_what_it_lacks(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _lean(dump(self), "shot_template")


def _lean(dumped: dict[str, Any], name: str) -> dict[str, Any]:
    """Leave out what is empty: versions are hashes over tasks, and most tasks are older than this field."""
    if not dumped.get(name):
        dumped.pop(name, None)
    return dumped
