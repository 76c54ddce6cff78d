"""Templates to pages: everything from outside is escaped, and no page may run what is not ours."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from stratix import __version__
from stratix.analysis.summary.wording import OUTCOMES
from stratix.storage.vault import Vault, VaultError
from stratix.web._format import FILTERS

STATIC = Path(__file__).parent / "static"

SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
"""Sent with every page."""

_NOTICE = "stratix_notice"
_NOTICE_SECONDS = 60


class Renderer:
    """Makes pages.

    Args:
        vault: encrypts notices on their way through the browser, so that no link can write one.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._environment = Environment(
            loader=PackageLoader("stratix.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters.update(FILTERS)
        self._environment.globals.update(asset=_asset, version=__version__, OUTCOMES=OUTCOMES)

    def compile(self) -> None:
        """Read all templates, which otherwise the first page of each kind waits for."""
        for name in self._environment.list_templates():
            self._environment.get_template(name)

    def page(self, request: Request, template: str, values: Mapping[str, Any], status: int = 200) -> Response:
        """Return a page.

        Args:
            request: what it answers.
            template: its file in `templates`.
            values: what the template uses.
            status: of the response.
        """
        notice = self._notice(request)
        frame = {"path": request.url.path, "query": request.query_params, "notice": notice, "theme": "system"}
        html = self._environment.get_template(template).render({**frame, **values})
        response = HTMLResponse(html, status, SECURITY_HEADERS)
        if notice:
            response.delete_cookie(_NOTICE)
        return response

    def leave_notice(self, response: Response, text: str) -> None:
        """Have the next page say something, once."""
        response.set_cookie(
            _NOTICE, self._vault.encrypt(text), max_age=_NOTICE_SECONDS, httponly=True, samesite="lax"
        )

    def _notice(self, request: Request) -> str:
        try:
            return self._vault.decrypt(request.cookies[_NOTICE])
        except (KeyError, VaultError):
            return ""


def _asset(path: str) -> str:
    """Return the address of a file of ours, which changes with its content."""
    found = _versions.get(path)
    if found is None:
        digest = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()
        found = _versions[path] = f"/static/{path}?v={digest[:12]}"
    return found


_versions: dict[str, str] = {}
