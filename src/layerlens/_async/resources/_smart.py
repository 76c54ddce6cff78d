"""Having benchmarks generated from documents, and waiting for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import httpx

from layerlens import _aio
from layerlens._async._looking import look
from layerlens._async.resources._base import id_of
from layerlens._async.resources._making import AsyncBenchmarkMaker, FilePath
from layerlens._async.resources._uploads import upload
from layerlens._config import as_timeout
from layerlens._files import local_file
from layerlens._protocol import Call, body_of
from layerlens._waiting import Waiting
from layerlens.models import (
    DOCUMENT_SUFFIXES,
    MAX_BENCHMARK_FILE_BYTES,
    AnyBenchmark,
    Benchmark,
    CreatedBenchmark,
    CustomBenchmark,
    DataEnvelope,
    Model,
    SmartBenchmarkCreate,
)


class AsyncSmartBenchmarks(AsyncBenchmarkMaker):
    """The part of the benchmarks that has documents made into new ones."""

    async def create_smart(
        self,
        *,
        name: str,
        description: str = "",
        system_prompt: str,
        file_paths: Sequence[FilePath],
        metrics: Sequence[str] | None = None,
        model: Model | None = None,
        prompts_per_passage: int | None = None,
        max_passages: int | None = None,
        cache: bool = True,
        timeout: float | httpx.Timeout | None = None,
    ) -> CreatedBenchmark:
        """Have a model write a benchmark from documents, in the background, and add it to the project.

        It can be evaluated on when it is ready; see `wait_for_completion`.

        Args:
            name: 1 to 64 characters.
            description: at most 280 characters.
            system_prompt: what kind of prompts to generate.
            file_paths: .txt, .pdf, .html, .docx, .csv, .json, .jsonl or .parquet files, 1 to 20, of at most
                50 MB each.
            metrics: what to measure besides being right: `readability`, `toxicity`, `hallucination`.
            model: the model that writes the prompts; None for the one that the server names.
            prompts_per_passage: how many it may write about each passage of up to 3,000 characters, 1 to 20;
                None is 3.
            max_passages: how many passages it is asked about at most, 1 to 5,000; if there are more, these
                are evenly spread. None is 500.
            cache: False has the model asked again what it was asked before.
            timeout: seconds the creating request may take, in place of the client's setting.

        Returns:
            The new benchmark's id, with those of its organisation and project.

        Raises:
            TypeError: `model` is no model.
            ValueError: an argument breaks a rule, or a file cannot be used; the message says why.
            UnprocessableEntityError: there is no model that could write the prompts, or a file is of a kind
                that is not read.
            APIError: the server could not be asked, or refused.
        """
        if model is not None and not isinstance(model, Model):
            raise TypeError(f"model must be a Model, not {model!r}: fetch it with client.models.get_by_key()")
        files = [
            local_file(path, suffixes=DOCUMENT_SUFFIXES, max_bytes=MAX_BENCHMARK_FILE_BYTES)
            for path in file_paths
        ]
        body = body_of(
            SmartBenchmarkCreate,
            name=name,
            description=description,
            system_prompt=system_prompt,
            files=[file.key for file in files],
            metrics=metrics,
            model_id=model.id if model else None,
            prompts_per_passage=prompts_per_passage,
            max_passages=max_passages,
            cache=None if cache else False,
        )
        for file in files:
            await upload(self._session, file)
        return await self._create("smart-benchmarks", body, timeout)

    async def wait_for_completion(
        self,
        benchmark: Benchmark | CreatedBenchmark | str,
        interval_seconds: float = 30,
        timeout_seconds: float | None = None,
        on_progress: Callable[[CustomBenchmark], Any] | None = None,
    ) -> CustomBenchmark | None:
        """Wait until a benchmark that is generated is ready or has failed, or the time is up.

        One that is paused at a budget is waited for: it goes on once that is raised. A server that has
        answered and is away then, as while it is restarted, is waited for up to a minute.

        Args:
            benchmark: the benchmark, what `create_smart` returned, or the id.
            interval_seconds: longest time between two looks at it, above 0; the end is learnt within a second
                all the same.
            timeout_seconds: longest time to wait, from 0; None waits without limit.
            on_progress: called with the benchmark after each look.

        Returns:
            The benchmark as it is now, not finished if the time was up (see `CustomBenchmark.is_finished`);
            None if there is none of this id.

        Raises:
            TypeError: it is a public benchmark, which nobody generates.
            ValueError: a number is out of range.
            APIError: the server could not be asked.
        """
        benchmark_id = benchmark.benchmark_id if isinstance(benchmark, CreatedBenchmark) else id_of(benchmark)
        waiting = Waiting(interval_seconds, timeout_seconds)
        while True:
            latest = await look(waiting, partial(self._held, benchmark_id))
            if latest is None:
                return None
            if not isinstance(latest, CustomBenchmark):
                raise TypeError(f"{latest.key} is a public benchmark, which nobody generates")
            await _aio.notify(on_progress, latest)
            if latest.is_finished:
                return latest
            pause = waiting.pause()
            if pause is None:
                return latest
            await _aio.sleep(pause)

    async def cancel_generation(
        self, benchmark: Benchmark | str, *, timeout: float | httpx.Timeout | None = None
    ) -> CustomBenchmark | None:
        """End the generation of a benchmark; nothing more is asked for it.

        Args:
            benchmark: the benchmark, or its id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The benchmark, which has failed now; None if nobody generates one of this id.

        Raises:
            ConflictError: it has ended already.
            APIError: the server could not be asked.
        """
        return await self._changed(benchmark, "cancel", timeout)

    async def resume_generation(
        self, benchmark: Benchmark | str, *, timeout: float | httpx.Timeout | None = None
    ) -> CustomBenchmark | None:
        """Go on with a generation that failed, was cancelled or is paused.

        What the model has written about passages stays; nothing is paid for twice.

        Args:
            benchmark: the benchmark, or its id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The benchmark, which is being generated again; None if nobody has asked for one of this id.

        Raises:
            ConflictError: it is ready, or under way.
            APIError: the server could not be asked.
        """
        return await self._changed(benchmark, "resume", timeout)

    async def _held(self, benchmark_id: str, hold: float) -> AnyBenchmark | None:
        """Fetch a benchmark; the server may hold the answer for `hold` seconds, until the end comes."""
        path = await self._session.project_path("benchmarks", benchmark_id)
        query = {"wait": f"{hold:.3f}" if hold else None}
        return await self._session.data_or_none(
            Call("GET", path, DataEnvelope[AnyBenchmark], query=query, held=hold)
        )

    async def _changed(
        self, benchmark: Benchmark | str, what: str, timeout: float | httpx.Timeout | None
    ) -> CustomBenchmark | None:
        path = await self._session.project_path("smart-benchmarks", id_of(benchmark), what)
        return await self._session.data_or_none(
            Call("POST", path, DataEnvelope[CustomBenchmark], timeout=as_timeout(timeout))
        )
