"""Narrow a list down by what its rows have, and say what else there is to choose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facet:
    """Something that rows can be narrowed down by.

    Attributes:
        name: of the parameter in the address, and of the field of a row: a text or a list of texts.
        label: what people call it.
        chosen: the value that is asked for; "" for any.
        options: the values there are among all rows, with how many have it.
    """

    name: str
    label: str
    chosen: str
    options: tuple[tuple[str, int], ...]


def narrowed(
    rows: Sequence[dict[str, Any]],
    labels: Mapping[str, str],
    query: Mapping[str, str],
    searched: Iterable[str],
) -> tuple[list[dict[str, Any]], list[Facet]]:
    """Return the rows that have what is asked for, and the facets.

    Args:
        rows: all of them.
        labels: of each facet, by the field of a row.
        query: of the address; `q` is searched for, any case.
        searched: the fields that are searched.
    """
    facets = [Facet(name, label, query.get(name, ""), _options(rows, name)) for name, label in labels.items()]
    words = query.get("q", "").casefold().split()
    fields = tuple(searched)

    def fits(row: Row) -> bool:
        text = " ".join(str(row.get(field, "")) for field in fields).casefold()
        return all(word in text for word in words) and all(
            not facet.chosen or facet.chosen in _values(row, facet.name) for facet in facets
        )

    return [row for row in rows if fits(row)], facets


def _options(rows: Sequence[Row], name: str) -> tuple[tuple[str, int], ...]:
    counts = Counter(value for row in rows for value in _values(row, name))
    return tuple(sorted(counts.items(), key=lambda pair: pair[0].casefold()))


def _values(row: Row, name: str) -> list[str]:
    value = row.get(name) or []
    return [value] if isinstance(value, str) else [one for one in value if one]
