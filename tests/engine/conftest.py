from __future__ import annotations

import json
from pathlib import Path

import pytest

from layerlens import Stratix
from layerlens.models import Evaluation


@pytest.fixture(params=["sqlite", "postgres"])
def platform_database(request: pytest.FixtureRequest) -> str:
    """What STRATIX_DATABASE_URL is set to: nothing, or a fresh PostgreSQL database."""
    return request.getfixturevalue("new_postgres") if request.param == "postgres" else ""


@pytest.fixture
def start(tmp_path: Path):
    """Start an evaluation of so many prompts, `0`, `1`, ..., each of which is its own truth."""

    def start_evaluation(client: Stratix, prompts: int, **options) -> Evaluation:
        path = tmp_path / f"{prompts}.jsonl"
        path.write_text("\n".join(json.dumps({"input": str(n), "truth": str(n)}) for n in range(prompts)))
        created = client.benchmarks.create_custom(name="Echo", description="echo", file_path=path)
        return client.evaluations.create(
            model=client.models.get_by_key("gpt-4o"),
            benchmark=client.benchmarks.get_by_id(created.benchmark_id),
            **options,
        )

    return start_evaluation
