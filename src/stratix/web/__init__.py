"""The dashboard: pages made on the server, which show what any client of the API could ask for."""

from __future__ import annotations

from stratix.web._application import add_dashboard

__all__ = ["add_dashboard"]
