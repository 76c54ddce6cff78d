"""The benchmarks of a project."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import Literal

import httpx

from layerlens import _aio
from layerlens._async.resources._base import id_of
from layerlens._async.resources._prompts import AsyncPromptReader
from layerlens._async.resources._uploads import upload
from layerlens._config import as_timeout
from layerlens._files import DOCUMENT_SUFFIXES, local_file
from layerlens._protocol import Call, body_of
from layerlens.models import (
    MAX_BENCHMARK_FILE_BYTES,
    AdditionalMetric,
    AnyBenchmark,
    Benchmark,
    BenchmarkInstall,
    BenchmarkList,
    CreatedBenchmark,
    CustomBenchmark,
    CustomBenchmarkCreate,
    DataEnvelope,
    InputType,
    InstalledBenchmark,
    ProjectUpdate,
    ProjectUpdated,
    SmartBenchmarkCreate,
    StatusEnvelope,
)

BenchmarkType = Literal["custom", "public"]
FilePath = str | os.PathLike[str]


class AsyncBenchmarks(AsyncPromptReader):
    """The benchmarks that the project can use: public ones, and custom ones of its organisation."""

    async def get(
        self,
        *,
        type: BenchmarkType | None = None,
        name: str | None = None,
        key: str | None = None,
        categories: Sequence[str] | None = None,
        languages: Sequence[str] | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> list[Benchmark]:
        """List the project's benchmarks.

        Args:
            type: `public` or `custom`; None lists both, custom ones first.
            name: part of the name, in any case.
            key: part of the key, in any case.
            categories: categories to keep.
            languages: languages to keep.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            The benchmarks that fit all that is given; an empty list if none does.

        Raises:
            APIError: the server could not be asked, or refused.
        """
        path = await self._session.project_path("benchmarks")
        kinds: tuple[BenchmarkType, ...] = (type,) if type else ("custom", "public")

        async def of(kind: BenchmarkType) -> list[Benchmark]:
            query = {
                "type": kind,
                "name": name,
                "key": key,
                "categories": categories,
                "languages": languages,
            }
            answer = await self._session.send(
                Call("GET", path, DataEnvelope[BenchmarkList], query=query, timeout=as_timeout(timeout))
            )
            return list(answer.data.benchmarks)

        lists = await _aio.gather([partial(of, kind) for kind in kinds], limit=len(kinds))
        return [benchmark for found in lists for benchmark in found]

    async def get_by_id(
        self, benchmark_id: str, *, timeout: float | httpx.Timeout | None = None
    ) -> Benchmark | None:
        """Fetch a benchmark by its id.

        Args:
            benchmark_id: the benchmark's id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The benchmark, a `PublicBenchmark` or a `CustomBenchmark`; None if there is none of this id.

        Raises:
            APIError: the server could not be asked.
        """
        path = await self._session.project_path("benchmarks", benchmark_id)
        answer = await self._session.send_or_none(
            Call("GET", path, DataEnvelope[AnyBenchmark], timeout=as_timeout(timeout))
        )
        return answer.data if answer else None

    async def get_by_key(self, key: str, *, timeout: float | httpx.Timeout | None = None) -> Benchmark | None:
        """Fetch a benchmark by its exact key.

        Args:
            key: the whole key, such as `simpleqa`.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            The benchmark, a custom one before a public one; None if there is none of this key.

        Raises:
            APIError: the server could not be asked.
        """
        found = await self.get(key=key, timeout=timeout)
        return next((benchmark for benchmark in found if benchmark.key == key), None)

    async def add(self, *benchmarks: Benchmark | str, timeout: float | httpx.Timeout | None = None) -> bool:
        """Add benchmarks to the project; those it has already stay.

        Args:
            *benchmarks: benchmarks, or their ids.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            True once they are in.

        Raises:
            APIError: the server could not be asked, or knows no such benchmark.
        """
        present = [benchmark.id for benchmark in await self.get(timeout=timeout)]
        return await self._set([*present, *map(id_of, benchmarks)], timeout)

    async def remove(
        self, *benchmarks: Benchmark | str, timeout: float | httpx.Timeout | None = None
    ) -> bool:
        """Take benchmarks out of the project; evaluations on them stay.

        Args:
            *benchmarks: benchmarks, or their ids.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            True once they are out.

        Raises:
            ValueError: one of them is a custom benchmark, which stays in its project.
            APIError: the server could not be asked, or refused.
        """
        gone = set(map(id_of, benchmarks))
        present = await self.get(timeout=timeout)
        own = [found.key for found in present if found.id in gone and isinstance(found, CustomBenchmark)]
        if own:
            raise ValueError(f"{', '.join(own)}: a custom benchmark cannot be taken out of its project")
        return await self._set([found.id for found in present if found.id not in gone], timeout)

    async def _set(self, ids: list[str], timeout: float | httpx.Timeout | None) -> bool:
        """Set the benchmarks of the project."""
        body = body_of(ProjectUpdate, benchmarks=list(dict.fromkeys(ids)))
        path = await self._session.project_path()
        await self._session.send(Call("PATCH", path, ProjectUpdated, body=body, timeout=as_timeout(timeout)))
        return True

    async def create_custom(
        self,
        *,
        name: str,
        description: str = "",
        file_path: FilePath,
        additional_metrics: Sequence[AdditionalMetric] | None = None,
        custom_scorers: Sequence[str] | None = None,
        input_type: InputType | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> CreatedBenchmark:
        """Make a custom benchmark of a JSONL file and add it to the project.

        Args:
            name: 1 to 64 characters.
            description: at most 280 characters.
            file_path: a .jsonl file of at most 50 MB, an object a line: `input`, `truth` and, if wanted,
                `subset`.
            additional_metrics: what to measure besides being right: `readability`, `toxicity`,
                `hallucination`.
            custom_scorers: names of the scorers that judge the answers, in place of the default.
            input_type: `messages` if each `input` is a chat message list, `json_payload` if an object; None
                if text.
            timeout: seconds the creating request may take, in place of the client's setting.

        Returns:
            The new benchmark's id, with those of its organisation and project.

        Raises:
            ValueError: an argument breaks a rule, or the file cannot be used; the message says why.
            APIError: the server could not be asked, or refused; a bad line is named by its number.
        """
        file = local_file(file_path, suffixes=(".jsonl",), max_bytes=MAX_BENCHMARK_FILE_BYTES)
        body = body_of(
            CustomBenchmarkCreate,
            name=name,
            description=description,
            file=file.key,
            additional_metrics=additional_metrics,
            custom_scorers=custom_scorers,
            input_type=input_type,
        )
        await upload(self._session, file)
        return await self._create("custom-benchmarks", body, timeout)

    async def create_smart(
        self,
        *,
        name: str,
        description: str = "",
        system_prompt: str,
        file_paths: Sequence[FilePath],
        metrics: Sequence[str] | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> CreatedBenchmark:
        """Have a benchmark generated from documents, in the background, and add it to the project.

        Args:
            name: 1 to 64 characters.
            description: at most 280 characters.
            system_prompt: what kind of prompts to generate.
            file_paths: .txt, .pdf, .html, .docx, .csv, .json, .jsonl or .parquet files, at least one.
            metrics: what to measure besides being right.
            timeout: seconds the creating request may take, in place of the client's setting.

        Returns:
            The new benchmark's id, with those of its organisation and project.

        Raises:
            ValueError: an argument breaks a rule, or a file cannot be used; the message says why.
            APIError: the server could not be asked, or refused.
        """
        files = [local_file(path, suffixes=DOCUMENT_SUFFIXES) for path in file_paths]
        body = body_of(
            SmartBenchmarkCreate,
            name=name,
            description=description,
            system_prompt=system_prompt,
            files=[file.key for file in files],
            metrics=metrics,
        )
        for file in files:
            await upload(self._session, file)
        return await self._create("smart-benchmarks", body, timeout)

    async def _create(
        self, kind: str, body: object, timeout: float | httpx.Timeout | None
    ) -> CreatedBenchmark:
        """Create a benchmark of uploaded files."""
        path = await self._session.project_path(kind)
        answer = await self._session.send(
            Call("POST", path, StatusEnvelope[CreatedBenchmark], body=body, timeout=as_timeout(timeout))
        )
        return answer.data

    async def install(
        self,
        benchmark: Benchmark | str,
        files: Sequence[FilePath] | None = None,
        *,
        timeout: float | httpx.Timeout | None = None,
    ) -> InstalledBenchmark:
        """Install a public benchmark on the server, so that its prompts are at hand.

        Args:
            benchmark: the benchmark, or its id.
            files: files to import its prompts from; None has the server fetch them from the
                catalogue's sources.
            timeout: seconds the installing request may take, in place of the client's setting.

        Returns:
            The installed version and how many prompts it has.

        Raises:
            ValueError: a file cannot be used; the message says why.
            NotFoundError: there is no such benchmark.
            APIError: the server could not be asked, or could not install it.
        """
        found = [local_file(path) for path in files or ()]
        path = await self._session.project_path("benchmarks", id_of(benchmark), "install")
        for file in found:
            await upload(self._session, file)
        body = body_of(BenchmarkInstall, files=[file.key for file in found] or None)
        answer = await self._session.send(
            Call("POST", path, StatusEnvelope[InstalledBenchmark], body=body, timeout=as_timeout(timeout))
        )
        return answer.data

    async def _prompts_path(self, benchmark_id: str) -> str:
        return await self._session.project_path("benchmarks", benchmark_id, "prompts")
