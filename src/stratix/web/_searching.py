"""How far the texts of evaluations can be searched."""

from __future__ import annotations

from collections.abc import Iterable

from stratix.web._pages import Viewer


async def preparing(viewer: Viewer, evaluation_ids: Iterable[str], text: str) -> dict[str, int] | None:
    """Return how many results are in the indexes that a search waits for; None where it waits for none.

    Args:
        viewer: who looks.
        evaluation_ids: where the text is looked for.
        text: what is looked for; nothing if it is empty.

    Raises:
        Refused: there is no such evaluation, or the text is too long.
    """
    if not text:
        return None
    found = [await viewer.get(f"/evaluations/{one}/search", search=text) for one in evaluation_ids]
    if all(one["state"] != "making" for one in found):
        return None
    return {name: sum(one[name] for one in found) for name in ("done", "total")}
