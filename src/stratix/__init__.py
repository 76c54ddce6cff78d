"""Stratix: the server, engine, catalogue and command line of the evaluation platform."""

from __future__ import annotations

__version__ = "0.1.0"
