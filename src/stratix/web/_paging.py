"""Pages of a list, and links to the same view of it with one thing changed."""

from __future__ import annotations

from starlette.requests import Request


class Pages:
    """Which part of a list is shown.

    Args:
        request: its address has the filters.
        number: of the page, from 1.
        size: rows a page.
        total: rows in all.
    """

    def __init__(self, request: Request, number: int, size: int, total: int) -> None:
        self._request = request
        self.number = max(1, number)
        self.total = total
        self.first = min(total, (self.number - 1) * size + 1)
        self.last = min(total, self.number * size)
        self.count = max(1, -(-total // size))

    @property
    def previous(self) -> str:
        """The address of the page before; empty on the first."""
        return address(self._request, page=self.number - 1) if self.number > 1 else ""

    @property
    def next(self) -> str:
        """The address of the page after; empty on the last."""
        return address(self._request, page=self.number + 1) if self.number < self.count else ""


def address(request: Request, **changed: object) -> str:
    """Return the address of the page with some of its parameters set to others; empty ones are left out."""
    parameters = {**dict(request.query_params), **{name: str(value) for name, value in changed.items()}}
    url = request.url.replace(query="").include_query_params(
        **{name: value for name, value in parameters.items() if value != ""}
    )
    return url.path + (f"?{url.query}" if url.query else "")
