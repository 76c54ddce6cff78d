"""Have the engine look for work when there may be some, so that it need not look all the time."""

from __future__ import annotations

import threading
from collections.abc import Callable

from dbos import DBOS

IDLE_SECONDS = 5.0
"""How often the engine looks by itself: what an idle worker costs."""

_CHORES_SECONDS = 10.0
"""How often it looks after delays and deadlines of workflows, which those of this platform have none of."""


class Waking:
    """Ends the pauses of the engine's threads; those that look for work do so at once.

    The engine has no call for it: between two looks its threads wait for the event that tells them to
    stop. That wait is replaced, for each of these events, by one that ends early when there is work.

    Args:
        engine: launched.
    """

    def __init__(self, engine: DBOS) -> None:
        self._calls = 0
        self._called = threading.Condition()
        self._answered: dict[int, int] = {}
        for event in engine.background_thread_stop_events:
            event.wait = self._wait_of(event)  # type: ignore[method-assign, assignment]  # see above
        chores = engine._background_jobs_stop_event
        chores.wait = _slower(chores.wait)  # type: ignore[method-assign, assignment]  # see above

    def wake(self) -> None:
        """Have the engine look now; one of its threads that is looking just now looks once more."""
        with self._called:
            self._calls += 1
            self._called.notify_all()

    def _wait_of(self, event: threading.Event) -> Callable[[float | None], bool]:
        def wait(timeout: float | None = None) -> bool:
            thread = threading.get_ident()
            with self._called:
                answered = self._answered.setdefault(thread, self._calls)
                pause = None if timeout is None else max(timeout, IDLE_SECONDS)
                self._called.wait_for(lambda: event.is_set() or self._calls > answered, pause)
                self._answered[thread] = self._calls
            return event.is_set()

        return wait


def _slower(wait: Callable[[float | None], bool]) -> Callable[[float | None], bool]:
    """Return a wait that is as long as chores may be put off."""

    def slower(timeout: float | None = None) -> bool:
        return wait(max(timeout, _CHORES_SECONDS) if timeout else timeout)

    return slower
