"""How scorers take options: keyword-only fields, checked when a scorer is made, unknown ones refused."""

from __future__ import annotations

from pydantic import ConfigDict

STRICT = ConfigDict(extra="forbid")
