"""What a metric is: texts in, a number from 0.0 to 1.0 for each out, beside right and wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

MAX_CHARACTERS = 20_000
"""What of an answer is measured at most, from its beginning: a model in a loop can go on for megabytes."""


class Metric(ABC):
    """Measures texts without their truth; made once a process, called with a batch of answers at a time.

    It runs in a process of its own (see `stratix.runner.measuring`), so it may be slow to import and
    may take its time; its file still imports heavy libraries only when the first text comes, because
    the platform reads the attributes elsewhere.

    Attributes:
        name: the key by which it is chosen; equal to its file's name.
        version: raised whenever a value could change; pinned with every evaluation.
        how: how it is measured and what its numbers mean, for a person.
        needs: the modules it imports, which an installation may lack.
    """

    name: ClassVar[str]
    version: ClassVar[str] = "1"
    how: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def measure(self, texts: Sequence[str]) -> list[float | None]:
        """Measure each text.

        Args:
            texts: answers as they came, reasoning removed, of `MAX_CHARACTERS` at most; blank ones too.

        Returns:
            For each text a value from 0.0 to 1.0; None where the metric says nothing about it.
        """
