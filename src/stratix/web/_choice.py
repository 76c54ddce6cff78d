"""What was chosen in the form of a new evaluation, and the requests to the API it stands for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import ImmutableMultiDict

Things = dict[str, dict[str, Any]]

SETTINGS = (
    "limit",
    "shots",
    "epochs",
    "epochs_reducer",
    "concurrency",
    "budget_usd",
    "budget_tokens",
    "priority",
    "deadline_hours",
    "judge",
    "cache",
)
_AS_THEY_ARE = ("limit", "shots", "epochs", "epochs_reducer", "concurrency", "budget_usd", "priority")

MAX_PAIRS = 100
"""Evaluations that can be started at a time."""


@dataclass(slots=True)
class Choice:
    """What was chosen.

    Attributes:
        models: keys, each once.
        benchmarks: keys, each once.
        metrics: names; none stands for what each benchmark says.
        settings: what was written into the other fields; those left empty are not there.
    """

    models: list[str]
    benchmarks: list[str]
    metrics: list[str]
    settings: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, given: ImmutableMultiDict[str, Any]) -> Choice:
        """Read an address or a form."""

        def several(name: str) -> list[str]:
            return list(dict.fromkeys(str(value) for value in given.getlist(name) if value))

        settings = {name: str(given[name]).strip() for name in SETTINGS if str(given.get(name, "")).strip()}
        return cls(several("model"), several("benchmark"), several("metric"), settings)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The fields of a form that says the same."""
        lists = (("model", self.models), ("benchmark", self.benchmarks), ("metric", self.metrics))
        return [(name, value) for name, values in lists for value in values] + list(self.settings.items())

    def items(
        self, models: Things, benchmarks: Things, judge_uses: dict[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """Return the body of a request that starts these evaluations, or has them estimated.

        Args:
            models: of the project, by key.
            benchmarks: of the project, by key.
            judge_uses: by benchmark's id whether a judge is of use; None to name the judge in any case.
        """
        settings = self.settings
        judge = models.get(settings.get("judge", ""))
        items = []
        for model in (models[key] for key in self.models if key in models):
            for benchmark in (benchmarks[key] for key in self.benchmarks if key in benchmarks):
                item: dict[str, Any] = {"model_id": model["id"], "dataset_id": benchmark["id"]}
                item |= {name: settings[name] for name in _AS_THEY_ARE if name in settings}
                if "budget_tokens" in settings:
                    item["budget_tokens"] = re.sub(r"[,_ ]", "", settings["budget_tokens"])
                if "deadline_hours" in settings:
                    item["deadline_seconds"] = _seconds(settings["deadline_hours"])
                item["cache"] = "cache" in settings
                if self.metrics:
                    item["metrics"] = self.metrics
                use = "needed" if judge_uses is None else judge_uses.get(benchmark["id"], "no")
                if judge is not None and (use != "no" or self.metrics):
                    item["judge_model_id"] = judge["id"]
                items.append(item)
        return items

    def missing(self, models: Things, benchmarks: Things) -> list[str]:
        """Say what was chosen that is not there, and what cannot be asked."""
        found = [f"There is no model with the key {key!r}." for key in self.models if key not in models]
        found += [f"There is no benchmark {key!r}." for key in self.benchmarks if key not in benchmarks]
        used = [*self.models, self.settings.get("judge", "")]
        found += [
            f"{models[key]['name']} has no key: store one in the settings, or set "
            f"{models[key]['missing_key']} where Stratix runs and start it again."
            for key in dict.fromkeys(used)
            if key in models and not models[key]["available"]
        ]
        if len(self.models) * len(self.benchmarks) > MAX_PAIRS:
            found.append(f"More than {MAX_PAIRS} evaluations cannot be started at a time: choose fewer.")
        return found


def _seconds(hours: str) -> Any:
    """Return seconds; what is no number is left for the API to say so."""
    try:
        return float(hours) * 3600
    except ValueError:
        return hours


@dataclass(frozen=True, slots=True)
class Total:
    """What several evaluations would take together.

    Attributes:
        prompts: calls of the models, every epoch counted.
        tokens: read and written, judging included.
        cost: US dollars; None where a price is not known.
        cost_most: US dollars at the most.
        seconds: as far as known, evaluations of one model one after the other and models side by side;
            None where nothing is known.
        seconds_low: the least of that.
        seconds_high: the most of that.
        unpriced: how many have no known cost.
        untimed: how many have no known time.
        notes: what else to know, each once.
    """

    prompts: int
    tokens: int
    cost: float | None
    cost_most: float | None
    seconds: float | None
    seconds_low: float | None
    seconds_high: float | None
    unpriced: int
    untimed: int
    notes: tuple[str, ...]

    @classmethod
    def of(cls, estimates: Sequence[dict[str, Any]]) -> Total:
        """Add estimates up."""
        kinds = ("tokens_input", "tokens_output", "judge_tokens_input", "judge_tokens_output")
        priced = [one for one in estimates if one["cost"] is not None]
        timed = [one for one in estimates if one["seconds"] is not None]
        return cls(
            prompts=sum(one["prompts"] * one["epochs"] for one in estimates),
            tokens=sum(one[kind] for one in estimates for kind in kinds),
            cost=sum(one["cost"] for one in priced) if priced else None,
            cost_most=sum(one["cost_most"] for one in priced) if priced else None,
            **{end: _longest(timed, end) for end in ("seconds", "seconds_low", "seconds_high")},
            unpriced=len(estimates) - len(priced),
            untimed=len(estimates) - len(timed),
            notes=tuple(dict.fromkeys(note for one in estimates for note in one["notes"])),
        )


def _longest(timed: Sequence[dict[str, Any]], end: str) -> float | None:
    """Return the time of the model that takes longest for its evaluations, one after the other."""
    by_model: dict[str, float] = {}
    for one in timed:
        by_model[one["model_id"]] = by_model.get(one["model_id"], 0.0) + one[end]
    return max(by_model.values(), default=None)
