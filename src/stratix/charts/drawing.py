"""What may be asked of the process that draws charts, and how it is answered."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

from stratix.charts.render import svg
from stratix.charts.theme import THEMES, Spec, narrowed

LENGTH = struct.Struct("!I")
"""Goes before each order and each answer, both pickled: how many bytes it has."""


class Order(NamedTuple):
    """What is to be drawn.

    Attributes:
        make: a function of this room that returns a specification; None asks for the script that shows them.
        arguments: for it.
        theme: `light` or `dark`.
        form: `svg`, or `json` for the specification itself.
        narrow: whether it is for a narrow page.
    """

    make: Callable[..., Spec] | None
    arguments: tuple[Any, ...] = ()
    theme: str = "light"
    form: str = "svg"
    narrow: bool = False


def draw(order: Order) -> bytes:
    """Return what an order asks for.

    Raises:
        ValueError: it cannot be drawn.
    """
    if order.make is None:
        import vl_convert  # It brings a JavaScript engine.

        script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
        return script.encode()
    spec = order.make(*order.arguments, theme=THEMES[order.theme])
    if order.narrow:
        spec = narrowed(spec)
    return orjson.dumps(spec) if order.form == "json" else svg(spec).encode()
