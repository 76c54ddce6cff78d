"""Configuration: read once from `STRATIX_*` variables, passed down from the composition root."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_RATE_LIMIT = re.compile(r"[^=\s]+\s*=\s*([1-9][0-9]{0,8}|-)\s*/\s*([1-9][0-9]{0,8}|-)")


class Settings(BaseSettings):
    """What one installation is told from outside.

    Attributes:
        data_dir: folder of the database, keys and downloads; made when missing.
        database_url: `postgresql://user:password@host/name`; empty for SQLite in `data_dir`.
        api_key: the first API key; generated when empty.
        secret_key: encrypts stored provider keys; generated into `data_dir` when empty. Must be the
            same on every machine that shares a database.
        host: address the server listens on.
        port: port the server listens on; 0 takes a free one.
        public_url: address under which clients reach the server, such as `https://stratix.example.org`,
            where a proxy stands before it; empty where they reach it as it is.
        workers: worker processes that `stratix up` starts; 0 for none.
        concurrency: requests in flight at once for each model endpoint and key, over all workers.
        rate_limits: what models may be sent a minute, as `KEY=REQUESTS/TOKENS` with commas between:
            `gpt-4o=500/30000,claude-*=50/-`. A key may hold `*`; the first that fits counts; `-` is no limit.
        request_timeout: seconds a model endpoint may take for one answer.
        prompt_timeout: seconds a prompt may take from its first request, with all attempts and waits.
        max_attempts: how often one prompt is asked at most when the endpoint fails.
        evaluation_timeout: seconds after which an evaluation that still runs ends as `timeout`.
        invalid_threshold: share of invalid answers, 0.0 to 1.0, above which an evaluation's status
            description says so; an evaluation can set its own.
        analyst_model: key of the model, public or custom, that writes the key takeaways of summaries; empty
            for none.
        generator_model: key of the model, public or custom, that writes the prompts of benchmarks generated
            from documents, where nobody names another; empty for none.
        metrics_key: what `/metrics` asks for where it is not read on the server's own machine; empty for any
            API key.
        trace_content: whether traces hold prompts and answers, where OpenTelemetry is configured.
        log_level: of the server and its workers.
        log_format: `text`, or `json` for an object a line.
    """

    model_config = SettingsConfigDict(env_prefix="STRATIX_", extra="ignore")

    data_dir: Path = Field(default_factory=lambda: platformdirs.user_data_path("stratix", appauthor=False))
    database_url: str = ""
    api_key: SecretStr = SecretStr("")
    secret_key: SecretStr = SecretStr("")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    public_url: str = ""
    workers: int = Field(1, ge=0, le=256)
    concurrency: int = Field(32, ge=1, le=4096)
    rate_limits: str = ""
    request_timeout: float = Field(600.0, gt=0)
    prompt_timeout: float = Field(3600.0, gt=0)
    max_attempts: int = Field(4, ge=1, le=20)
    evaluation_timeout: float = Field(86_400.0, gt=0)
    invalid_threshold: float = Field(0.05, ge=0, le=1)
    analyst_model: str = ""
    generator_model: str = ""
    metrics_key: SecretStr = SecretStr("")
    trace_content: bool = False
    log_level: str = "warning"
    log_format: Literal["text", "json"] = "text"

    @field_validator("public_url")
    @classmethod
    def _whole_address(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", value):
            raise ValueError("must be a whole address such as https://stratix.example.org")
        return value.rstrip("/")

    @field_validator("rate_limits")
    @classmethod
    def _each_a_pair(cls, value: str) -> str:
        for entry in filter(None, map(str.strip, value.split(","))):
            if not _RATE_LIMIT.fullmatch(entry):
                raise ValueError(
                    f"{entry!r} must be KEY=REQUESTS/TOKENS, such as gpt-4o=500/30000 or gpt-*=50/-"
                )
        return value

    def rate_limit(self, model_key: str) -> tuple[int | None, int | None]:
        """Return the requests and the tokens a minute that a model may be sent; None for no limit."""
        for entry in filter(None, map(str.strip, self.rate_limits.split(","))):
            pattern, _, limits = entry.rpartition("=")
            if fnmatchcase(model_key, pattern.strip()):
                requests, tokens = (None if one.strip() == "-" else int(one) for one in limits.split("/"))
                return requests, tokens
        return None, None

    def prepare(self) -> None:
        """Make the data folder, readable by its owner alone, and what this process writes likewise."""
        os.umask(0o077)
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def database(self) -> str:
        """The address of the platform's database, in SQLAlchemy's form."""
        return self.database_url or f"sqlite:///{self.data_dir / 'stratix.db'}"

    @property
    def queue_database(self) -> str:
        """The address of the workflow engine's own tables.

        A file of its own beside SQLite's, so the two never wait for each other's write lock; the
        same database, in a schema of its own, on PostgreSQL.
        """
        return self.database_url or f"sqlite:///{self.data_dir / 'queue.db'}"

    @property
    def cache_dir(self) -> Path:
        """Where downloaded benchmark files are kept."""
        return self.data_dir / "downloads"

    def child_environment(self) -> dict[str, str]:
        """Return the environment with which a worker process gets these same settings."""
        plain = {n: v.get_secret_value() if isinstance(v, SecretStr) else str(v) for n, v in self}
        return {**os.environ, **{f"STRATIX_{name.upper()}": value for name, value in plain.items()}}
