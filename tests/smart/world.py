"""A platform whose generator model writes what stands in a passage, and documents full of such facts."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens import Stratix
from layerlens.models import CustomBenchmark
from stratix.storage import benchmarks
from stratix.storage.database import Database

READ, WRITTEN = 40, 8
PRICES = {"cost_per_input_token": "0.000002", "cost_per_output_token": "0.00001"}

_FACT = re.compile(r"The beacon (\S+) is (\d+) m high\.")
_numbers = itertools.count(1)


def facts(numbers: Sequence[int], name: str = "") -> str:
    """A text with a passage for each number, which says how high a beacon is."""
    filler = "The sea was calm and nobody came by that day, as the keeper wrote. " * 40
    return "\n".join(f"The beacon {name}{number} is {number + 10} m high. {filler}" for number in numbers)


def asks(passage: str) -> list[dict[str, Any]]:
    """The prompts that a good model writes about a passage."""
    return [
        {"question": f"How many metres high is the beacon {name}?", "answer": height}
        for name, height in _FACT.findall(passage)
    ]


def writes(prompts: Any) -> Reply:
    """A reply with prompts, and what it is charged for."""
    usage = {"prompt_tokens": READ, "completion_tokens": WRITTEN, "total_tokens": READ + WRITTEN}
    text = prompts if isinstance(prompts, str) else json.dumps({"prompts": prompts})
    return Reply(text, delay=0.02, usage=usage)


def good(asked: str, _times: int) -> Reply:
    """Write what stands in a passage, and answer what is asked about it."""
    if "<passage" in asked:
        return writes(asks(asked))
    found = re.search(r"beacon \D*(\d+)\?", asked)
    return writes(f"It is {int(found[1]) + 10} m." if found else "I do not know.")


@dataclass
class World:
    """A platform in front of a model that writes prompts."""

    client: Stratix
    provider: ScriptedProvider
    folder: Path
    platform: Platform

    def model(self, **changed: Any) -> Any:
        """Make a model of the endpoint."""
        key = f"writer-{next(_numbers)}"
        made = self.client.models.create_custom(
            name=key, key=key, max_tokens=4096, **{"api_url": self.provider.url, **PRICES, **changed}
        )
        return self.client.models.get_by_id(made.model_id)

    def file(self, content: str | bytes, suffix: str = ".txt") -> Path:
        """Write a file of a name of its own."""
        path = self.folder / f"document-{next(_numbers)}{suffix}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def begin(self, *files: Path, **options: Any) -> CustomBenchmark:
        """Ask for a benchmark of documents."""
        options = {"model": options.pop("model", None) or self.model(), **options}
        made = self.client.benchmarks.create_smart(
            name=f"From documents {next(_numbers)}",
            system_prompt=options.pop("system_prompt", "Ask about heights."),
            file_paths=files,
            **options,
        )
        return self.get(made.benchmark_id)

    def get(self, benchmark_id: str) -> CustomBenchmark:
        """Fetch a benchmark."""
        found = self.client.benchmarks.get_by_id(benchmark_id)
        assert isinstance(found, CustomBenchmark)
        return found

    def made(self, *files: Path, **options: Any) -> CustomBenchmark:
        """Have a benchmark generated, and wait for the end of it."""
        return self.end(self.begin(*files, **options))

    def end(self, benchmark: CustomBenchmark) -> CustomBenchmark:
        """Wait until a benchmark is ready, paused or has failed."""
        found = self.client.benchmarks.wait_for_completion(benchmark, timeout_seconds=60)
        assert found is not None
        assert found.status != "generating", f"{found.generation}\n{self.platform.log()}"
        return found

    def until(self, benchmark: CustomBenchmark, done: int) -> CustomBenchmark:
        """Wait until so many passages are done."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            found = self.get(benchmark.id)
            if found.generation is not None and found.generation.done >= done:
                return found
            time.sleep(0.02)
        raise AssertionError(f"{found}\n{self.platform.log()}")

    def prompts(self, benchmark: CustomBenchmark) -> list[tuple[Any, str]]:
        """Return question and truth of each prompt."""
        return [(row.input, row.truth) for row in self.client.benchmarks.get_all_prompts(benchmark.id)]

    def asked(self) -> list[str]:
        """Return the passages that the model was asked about, once for each request."""
        asked = (request["messages"][-1]["content"] for request in self.provider.requests)
        return [text for text in asked if text.startswith("<passage")]

    def paused(self, benchmark: CustomBenchmark) -> CustomBenchmark:
        """Wait until a benchmark is paused."""
        deadline = time.monotonic() + 30
        while (found := self.get(benchmark.id)).status != "paused":
            assert time.monotonic() < deadline, f"{found}\n{self.platform.log()}"
            time.sleep(0.05)
        return found

    def origins(self, benchmark: CustomBenchmark) -> list[dict[str, Any]]:
        """Return what is kept of where each prompt is from."""

        async def read() -> list[dict[str, Any]]:
            database = Database(self.database_url)
            try:
                async with database.read() as connection:
                    version = await benchmarks.latest_version(connection, benchmark.id)
                    assert version is not None
                    rows = await benchmarks.prompt_rows(connection, version.id, 0, version.prompt_count)
                    return [row._mapping["metadata"] for row in rows]
            finally:
                await database.close()

        return asyncio.run(read())

    @property
    def database_url(self) -> str:
        """Where the platform's database is."""
        chosen = self.platform.environment["STRATIX_DATABASE_URL"]
        return chosen or f"sqlite:///{self.folder / 'data' / 'stratix.db'}"
