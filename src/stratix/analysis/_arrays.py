"""Sequences as checked arrays: one place for what the functions of this room accept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Groups: TypeAlias = Sequence[object] | NDArray[np.generic]


def numbers(values: ArrayLike, name: str = "scores", *, shares: bool = True) -> Floats:
    """Return a sequence of finite numbers as an array.

    Args:
        values: at least one number.
        name: what the numbers are, for the error.
        shares: whether they must lie within 0.0 to 1.0.

    Raises:
        ValueError: the sequence is empty or nested, or a number is none or out of its range.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not array.size:
        raise ValueError(f"{name} must be a flat sequence of at least one number")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; leave out those that are missing")
    if shares and (array.min() < 0 or array.max() > 1):
        raise ValueError(f"{name} must be from 0 to 1, not from {array.min()} to {array.max()}")
    return array


def codes(groups: Groups | None, size: int) -> NDArray[np.intp]:
    """Return the group of each observation as a number from 0; without groups each is one of its own.

    Args:
        groups: the name of each observation's group: strings, numbers or None (which is a group as well).
        size: number of observations.

    Raises:
        ValueError: there is not one group for each observation.
    """
    if groups is None:
        return np.arange(size, dtype=np.intp)
    if len(groups) != size:
        raise ValueError(f"{size} scores need as many groups, not {len(groups)}")
    if isinstance(groups, np.ndarray) and groups.dtype.kind in "iu":  # Without a look-up for each.
        return np.unique(groups, return_inverse=True)[1].astype(np.intp, copy=False)
    known: dict[object, int] = {}
    return np.fromiter((known.setdefault(group, len(known)) for group in groups), np.intp, size)
