"""Pages of a list."""

from __future__ import annotations

from typing import Literal

from ._base import WireModel

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 500

SortOrder = Literal["asc", "desc"]


class Pagination(WireModel):
    """Where a page stands in its list.

    Attributes:
        page: number of this page, from 1.
        page_size: most rows a page holds, 1 to 500.
        total_pages: pages there are.
        total_count: rows there are on all pages.
    """

    page: int
    page_size: int
    total_pages: int
    total_count: int

    @classmethod
    def of(cls, page: int | None, page_size: int | None, total_count: int) -> Pagination:
        """Return the pagination of a page that was asked for, None standing for the default."""
        size = page_size or DEFAULT_PAGE_SIZE
        return cls(
            page=page or 1, page_size=size, total_pages=-(-total_count // size), total_count=total_count
        )
