"""Following a running evaluation: a live bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.text import Text

from layerlens import Stratix
from layerlens.models import Evaluation, EvaluationStatus
from stratix.cli._client import known
from stratix.cli._errors import Failure
from stratix.cli._output import plain
from stratix.cli._report import outcome_counts
from stratix.cli._spending import dollars

REFRESH_SECONDS = 0.5
LINE_SECONDS = 4.0

Show = Callable[[Evaluation], None]


def watch(
    client: Stratix,
    evaluation: Evaluation,
    console: Console,
    line_seconds: float | None = None,
    *,
    stop_when_paused: bool = False,
) -> Evaluation:
    """Follow an evaluation to its end.

    Args:
        client: of its server.
        evaluation: as last seen.
        console: where the progress is shown.
        line_seconds: shortest time between two lines of progress, which are written on a terminal too, as a
            log wants them; None draws a bar there, and elsewhere writes a line every `LINE_SECONDS`.
        stop_when_paused: give up if it is paused, since nobody may be there to let it go on.

    Returns:
        The evaluation, finished.

    Raises:
        Failure: it does not exist any more, or is paused and that is not waited for.
        APIError: the server could not be asked.
    """
    live = console.is_terminal and line_seconds is None
    with _bar(console) if live else _lines(console, line_seconds or LINE_SECONDS) as show:

        def look(latest: Evaluation) -> None:
            show(latest)
            if stop_when_paused and latest.status is EvaluationStatus.PAUSED:
                raise Failure(f"Evaluation {latest.id} is not waited for: {speed(latest)}")

        look(evaluation)
        latest = client.evaluations.wait_for_completion(
            evaluation, interval_seconds=REFRESH_SECONDS, on_progress=look
        )
        return known(latest, evaluation.id)


def speed(evaluation: Evaluation) -> str:
    """Return how fast an evaluation is, and how long it will take at that speed; or why it waits."""
    if evaluation.status is EvaluationStatus.PAUSED:
        why = plain(evaluation.status_description)
        return why if why.casefold().startswith("paused") else f"paused: {why}"
    if evaluation.status is EvaluationStatus.PENDING:
        return plain(evaluation.status_description)
    progress = evaluation.progress
    if progress is None or not progress.per_second:
        return ""
    rate = f"{progress.per_second:.1f}" if progress.per_second >= 1 else f"{progress.per_second:.2g}"
    text = f"{rate} prompts/s"
    if progress.eta_seconds is None or evaluation.is_finished:
        return text
    return f"{text}, {clock(progress.eta_seconds)} left"


def clock(seconds: float) -> str:
    """Return a duration as `m:ss` or `h:mm:ss`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def spent(evaluation: Evaluation) -> str:
    """Return what an evaluation has taken so far: tokens, and dollars where the prices are known."""
    tokens = evaluation.tokens
    if tokens is None:
        return ""
    text = f"{tokens.input + tokens.judge_input:,} tokens in, {tokens.output + tokens.judge_output:,} out"
    return text if evaluation.cost is None else f"{text}, {dollars(evaluation.cost)}"


class _Bar:
    """The bar, and below it what was spent and the outcomes so far."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=32),
            MofNCompleteColumn(),
            TextColumn("{task.description}", markup=False),
            console=console,
        )
        self._task: TaskID = self._progress.add_task("waiting for a worker", total=None)
        self._outcomes, self._spent = Text(), ""

    def show(self, evaluation: Evaluation) -> None:
        progress = evaluation.progress
        if progress is not None and progress.total:
            self._progress.update(
                self._task, total=progress.total, completed=progress.done, description=speed(evaluation)
            )
        else:
            self._progress.update(self._task, description=speed(evaluation) or "waiting for a worker")
        self._outcomes = Text("  ").append_text(outcome_counts(evaluation.outcomes))
        self._spent = spent(evaluation)

    def __rich__(self) -> RenderableType:
        spending = [Text(f"  {self._spent}", "dim")] if self._spent else []
        return Group(self._progress, self._outcomes, *spending)


@contextmanager
def _bar(console: Console) -> Iterator[Show]:
    bar = _Bar(console)
    with Live(bar, console=console, refresh_per_second=8):
        yield bar.show


@contextmanager
def _lines(console: Console, seconds: float) -> Iterator[Show]:
    """Yield what writes a line when there is something to say, at most every so many seconds."""
    spoken_at, said = -seconds, ""

    def show(evaluation: Evaluation) -> None:
        nonlocal spoken_at, said
        line = _line(evaluation)
        now = time.monotonic()
        if line != said and (now - spoken_at >= seconds or evaluation.is_finished):
            console.print(line, soft_wrap=True)
            spoken_at, said = now, line

    yield show


def _line(evaluation: Evaluation) -> str:
    progress = evaluation.progress
    if progress is None or not progress.total:
        return speed(evaluation) or plain(evaluation.status)
    parts = [
        f"{progress.done}/{progress.total}",
        speed(evaluation),
        outcome_counts(evaluation.outcomes).plain,
        spent(evaluation),
    ]
    return "  ".join(part for part in parts if part)
