"""Get an evaluation ready to run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stratix import __version__, catalogue, metrics, scorers
from stratix import evaluations as lifecycle
from stratix.benchmarks import store
from stratix.benchmarks.base import Task
from stratix.runner.endpoints import CannotRun, Endpoints, Model
from stratix.storage import benchmarks, budgets
from stratix.storage.database import Database, Record


async def prepare(
    database: Database, endpoints: Endpoints, cache_dir: Path, row: Record, seconds: float
) -> int:
    """Install its benchmark if need be, see that its model is at hand, and start its clock.

    Args:
        database: where everything is.
        endpoints: the models.
        cache_dir: where downloaded benchmark files are kept.
        row: the evaluation, pending or in progress.
        seconds: how long it may run, where it has no deadline of its own.

    Returns:
        The number of prompts to run; 0 if the evaluation has moved on meanwhile.

    Raises:
        CannotRun: the model or the benchmark is not to be had; the message says what to do.
    """
    model, judge = await endpoints.model(row), await endpoints.judge(row)
    version = await _version(database, cache_dir, row)
    _check_shots(row, version)
    count: int = min(version.prompt_count, row.limit or version.prompt_count)
    if count == 0:
        raise CannotRun("The benchmark has no prompts.")
    async with database.write() as connection:
        await budgets.catch_up(connection, row.id)
        started = await lifecycle.start(
            connection,
            row,
            version_id=version.id,
            total=count * row.epochs,
            settings=_settings(row, version, model, judge),
            seconds=seconds,
        )
    return count if started else 0


async def _version(database: Database, cache_dir: Path, row: Record) -> Record:
    async with database.read() as connection:
        if row.version_id is not None:
            return await benchmarks.get_version(connection, row.version_id)
        version = await benchmarks.latest_version(connection, row.benchmark_id)
    if version is not None:
        return version
    entry = None if row.is_custom_benchmark else catalogue.public_benchmark(row.benchmark_id)
    if entry is None:
        raise CannotRun("The benchmark was deleted, or is not in this version's catalogue.")
    try:
        return await store.install(database, entry, None, cache_dir)
    except store.CannotInstall as error:
        raise CannotRun(str(error)) from None


def _check_shots(row: Record, version: Record) -> None:
    """See that there are as many worked examples as are wanted in the version that is run."""
    if row.shots is not None and row.shots > (most := store.most_shots(version)):
        raise CannotRun(
            f"{row.benchmark_name} is installed with {most} worked examples for each question, and "
            f"{row.shots} are wanted: ask for fewer, or install it from a source that has them all."
        )


def _settings(row: Record, version: Record, model: Model, judge: Model | None) -> dict[str, Any]:
    """Return what makes the number: the task with its template, the versions, the endpoint."""
    task = Task.model_validate(version.task).with_shots(row.shots)
    specs = task.scorers(judged=judge is not None)
    needing = [spec.name for spec in specs if scorers.is_judged(spec.name)]
    if judge is None and needing:
        raise CannotRun(f"The scorer {needing[0]} has a model grade the answers: choose a judge.")
    return {
        "task": task.model_dump(mode="json"),
        "benchmark_version": version.version,
        "scorers": {spec.name: scorers.load(spec.name).version for spec in specs},
        "model": model.settings.name,
        "endpoint": model.provider.name,
        "judge": judge and {"model": judge.settings.name, "endpoint": judge.provider.name},
        "limit": row.limit,
        "epochs": row.epochs,
        "epochs_reducer": row.epochs_reducer,
        "invalid_threshold": row.invalid_threshold,
        "metrics": {name: _about(name, row.judge_model_key) for name in row.metrics},
        "stratix_version": __version__,
    }


def _about(name: str, judge: str | None) -> dict[str, str]:
    rubric = metrics.rubric_metrics().get(name)
    metric = rubric or metrics.load(name)
    how = f"{metric.how}; the judge is {judge}" if rubric else metric.how
    problem = metrics.problem(name, judged=judge is not None)
    return {"version": metric.version, "how": f"not measured: {problem}" if problem else how}
