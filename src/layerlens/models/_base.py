"""The base of every wire schema."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class WireModel(BaseModel):
    """A JSON object of the HTTP API.

    Fields that are named differently on the wire carry an alias; both names are understood when reading, and
    `model_dump(by_alias=True)` writes the wire's. Unknown fields are ignored, so that an older client
    understands a newer server.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)
