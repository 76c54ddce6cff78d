"""A platform with two workers, and an endpoint that counts what it charges for."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens import Stratix
from layerlens.models import Evaluation

READ, WRITTEN = 40, 8
MAX_TOKENS = 64
PRICES = {"cost_per_input_token": "0.000002", "cost_per_output_token": "0.00001"}

_numbers = itertools.count(1)


@dataclass
class World:
    """A platform with two workers in front of an endpoint that counts what it charges for."""

    client: Stratix
    provider: ScriptedProvider
    folder: Path
    platform: Platform

    def model(self, **changed: Any) -> Any:
        """Make a model of the endpoint."""
        key = f"model-{next(_numbers)}"
        made = self.client.models.create_custom(
            name=key, key=key, max_tokens=4096, **{"api_url": self.provider.url, **PRICES, **changed}
        )
        return self.client.models.get_by_id(made.model_id)

    def benchmark(self, prompts: int | list[str], **changed: Any) -> Any:
        """Make a benchmark of prompts that nobody else has, each its own truth."""
        number = next(_numbers)
        texts = [f"{number}-{n}" for n in range(prompts)] if isinstance(prompts, int) else prompts
        path = self.folder / f"{number}.jsonl"
        path.write_text("\n".join(json.dumps({"input": text, "truth": text}) for text in texts))
        task = {"generation": {"max_tokens": MAX_TOKENS}, **changed}
        made = self.client.benchmarks.create_custom(name=f"Echo {number}", file_path=path, task=task)
        return self.client.benchmarks.get_by_id(made.benchmark_id)

    def run(self, model: Any, benchmark: Any, **options: Any) -> Evaluation:
        """Run an evaluation to its end or its pause."""
        made = self.client.evaluations.create(model, benchmark, **options)
        assert made is not None
        return self.rest(made)

    def rest(self, evaluation: Evaluation, seconds: float = 60) -> Evaluation:
        """Wait until an evaluation has ended or is paused; then answers may still be on their way."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.client.evaluations.get_by_id(evaluation.id)
            assert found is not None
            if found.is_finished or found.status == "paused":
                return found
            time.sleep(0.05)
        raise AssertionError(f"{found.status} after {seconds} s: {found.progress}\n{self.platform.log()}")

    def cancel(self, evaluation: Evaluation) -> Evaluation:
        """Cancel an evaluation, and wait until its workers have noticed and ask no more."""
        cancelled = self.client.evaluations.cancel(evaluation)
        assert cancelled is not None
        seen = -1
        while seen != (seen := self.calls()):
            time.sleep(1.5)
        return cancelled

    def calls(self, since: int = 0) -> int:
        """How many requests the endpoint has had."""
        return len(self.provider.requests) - since

    def tokens(self, since: int = 0) -> int:
        """What the endpoint charges for, by its own count."""
        return self.calls(since) * (READ + WRITTEN)

    def usd(self, since: int = 0) -> float:
        """The same in dollars."""
        return self.calls(since) * (READ * 0.000002 + WRITTEN * 0.00001)


def answer(asked: str, _times: int) -> Reply:
    """Say what was asked, and charge for it."""
    usage = {"prompt_tokens": READ, "completion_tokens": WRITTEN, "total_tokens": READ + WRITTEN}
    return Reply(asked.splitlines()[-1], delay=0.02, usage=usage)
