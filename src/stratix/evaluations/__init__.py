"""The evaluation's record: its states, who may go from which to which, and how it ends."""

from __future__ import annotations

from stratix.evaluations.lifecycle import (
    ACTIVE,
    FINISHED,
    cancel,
    delete,
    fail,
    finish,
    pause,
    refresh,
    resume,
    retry,
    show,
    start,
    time_out,
)

__all__ = [
    "ACTIVE",
    "FINISHED",
    "cancel",
    "delete",
    "fail",
    "finish",
    "pause",
    "refresh",
    "resume",
    "retry",
    "show",
    "start",
    "time_out",
]
