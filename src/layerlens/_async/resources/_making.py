"""Making benchmarks of files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from layerlens._async.resources._base import AsyncResource
from layerlens._async.resources._uploads import upload
from layerlens._config import as_timeout
from layerlens._files import local_file
from layerlens._protocol import Call, body_of
from layerlens.models import (
    BENCHMARK_SUFFIXES,
    MAX_BENCHMARK_FILE_BYTES,
    AdditionalMetric,
    BenchmarkPreview,
    ColumnMapping,
    CreatedBenchmark,
    CustomBenchmarkCreate,
    InputType,
    ScorerChoice,
    StatusEnvelope,
)

FilePath = str | os.PathLike[str]
Scorers = Sequence[str | ScorerChoice | Mapping[str, Any]]

_DATA_SUFFIXES = (*BENCHMARK_SUFFIXES, ".txt")


class AsyncBenchmarkMaker(AsyncResource):
    """The part of the benchmarks that makes new ones."""

    async def create_custom(
        self,
        *,
        name: str,
        description: str = "",
        file_path: FilePath,
        additional_metrics: Sequence[AdditionalMetric] | None = None,
        custom_scorers: Scorers | None = None,
        input_type: InputType | None = None,
        task: Mapping[str, Any] | None = None,
        mapping: ColumnMapping | Mapping[str, Any] | None = None,
        format: str | None = None,
        data_files: Sequence[FilePath] | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> CreatedBenchmark:
        """Make a custom benchmark of a file and add it to the project.

        Args:
            name: 1 to 64 characters.
            description: at most 280 characters.
            file_path: a file of at most 50 MB: JSONL, an object a line with `input`, `truth` and, if wanted,
                `subset`; or JSON, CSV, TSV, Parquet, or a file of lm-evaluation-harness, OpenAI Evals,
                promptfoo or Inspect.
            additional_metrics: what to measure besides being right: `readability`, `toxicity`,
                `hallucination`.
            custom_scorers: the scorer that judges the answers, in place of the default: its name, or its
                name and options, as in `{"name": "numeric", "options": {"tolerance": 0.01}}`.
            input_type: `messages` if each `input` is a chat message list, `json_payload` if an object; None
                if text.
            task: further settings: `template`, `system`, `scorer`, `subset_scorers`, `generation`
                (`max_tokens`, `temperature`, `stop`).
            mapping: which column is what, as in `{"input": "question", "truth": "answer"}`; None to have it
                found out where there is no doubt.
            format: what kind of file it is; None to have it told by its suffix and content.
            data_files: files that the file refers to.
            timeout: seconds the creating request may take, in place of the client's setting.

        Returns:
            The new benchmark's id, with those of its organisation and project, and how the file was
            understood.

        Raises:
            ValueError: an argument breaks a rule, or a file cannot be used; the message says why.
            APIError: the server could not be asked, or refused; a bad row is named by its number.
        """
        body = await self._uploaded(
            file_path,
            data_files,
            name=name,
            description=description,
            additional_metrics=additional_metrics,
            custom_scorers=custom_scorers,
            input_type=input_type,
            task=task,
            mapping=mapping,
            format=format,
        )
        return await self._create("custom-benchmarks", body, timeout)

    async def preview_custom(
        self,
        *,
        file_path: FilePath,
        custom_scorers: Scorers | None = None,
        input_type: InputType | None = None,
        task: Mapping[str, Any] | None = None,
        mapping: ColumnMapping | Mapping[str, Any] | None = None,
        format: str | None = None,
        data_files: Sequence[FilePath] | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> BenchmarkPreview:
        """Show the benchmark that `create_custom` would make of a file, and make nothing.

        Args:
            file_path: as for `create_custom`, and so are the others.
            custom_scorers: the scorer that would judge the answers.
            input_type: what each input is.
            task: further settings.
            mapping: which column is what.
            format: what kind of file it is.
            data_files: files that the file refers to.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The first three prompts as a model would be asked them, the settings, and how the file was
            understood.

        Raises:
            ValueError: an argument breaks a rule, or a file cannot be used; the message says why.
            APIError: the server could not be asked, or refused; a bad row is named by its number.
        """
        body = await self._uploaded(
            file_path,
            data_files,
            name="preview",
            custom_scorers=custom_scorers,
            input_type=input_type,
            task=task,
            mapping=mapping,
            format=format,
            dry_run=True,
        )
        path = await self._session.project_path("custom-benchmarks")
        return await self._session.data(
            Call("POST", path, StatusEnvelope[BenchmarkPreview], body=body, timeout=as_timeout(timeout))
        )

    async def _uploaded(
        self, file_path: FilePath, data_files: Sequence[FilePath] | None, **fields: Any
    ) -> object:
        """Upload the files of a custom benchmark and return the body of its creation."""
        file = local_file(file_path, suffixes=BENCHMARK_SUFFIXES, max_bytes=MAX_BENCHMARK_FILE_BYTES)
        data = [
            local_file(path, suffixes=_DATA_SUFFIXES, max_bytes=MAX_BENCHMARK_FILE_BYTES)
            for path in data_files or ()
        ]
        keys = [one.key for one in data] or None
        body = body_of(CustomBenchmarkCreate, file=file.key, data=keys, **fields)
        for one in (file, *data):
            await upload(self._session, one)
        return body

    async def _create(
        self, kind: str, body: object, timeout: float | httpx.Timeout | None
    ) -> CreatedBenchmark:
        """Create a benchmark of uploaded files."""
        path = await self._session.project_path(kind)
        return await self._session.data(
            Call("POST", path, StatusEnvelope[CreatedBenchmark], body=body, timeout=as_timeout(timeout))
        )
