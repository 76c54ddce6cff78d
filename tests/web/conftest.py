"""The dashboard of a real server, with evaluations in it, and a real browser that looks at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright
from tests.server.conftest import Running, Tenant, running


@pytest.fixture(scope="module")
def site(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with the dashboard on a database of its own."""
    folder = tmp_path_factory.mktemp("site")
    address = f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'stratix.db')}"
    with running(address, folder, dashboard=True) as found:
        yield found


@pytest.fixture(scope="module")
def us(site: Running) -> Iterator[Tenant]:
    """The first organisation, whose things the dashboard shows to whoever sits at this machine."""
    tenant = site.tenant("Ours")
    yield tenant
    tenant.http.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser; tests that want one are skipped where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no chromium is installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


class Watched:
    """What a page does that no page of ours may do.

    Attributes:
        page: the page.
        problems: scripts that ran or broke, errors in the console, requests that left the machine.
    """

    def __init__(self, page: Page, own: str) -> None:
        self.page = page
        self.problems: list[str] = []
        self._own = own
        page.on("console", lambda message: self._note(message.type in {"error", "warning"}, message.text))
        page.on("pageerror", lambda error: self._note(True, str(error)))
        page.on("request", self._look_at)
        # Without an answer to its dialogs a page would hang.
        page.on("dialog", lambda dialog: (self._note(True, f"dialog {dialog.message}"), dialog.dismiss()))

    def _look_at(self, request: Request) -> None:
        self._note(
            not request.url.startswith((self._own + "/", "data:", "blob:")), f"request to {request.url}"
        )

    def _note(self, wrong: bool, what: str) -> None:
        if wrong:
            self.problems.append(what)


@pytest.fixture
def page(browser: Browser, site: Running) -> Iterator[Page]:
    """An empty page whose addresses begin at the site; it fails the test if it does what none may do."""
    context = browser.new_context(base_url=site.url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    watched = Watched(context.new_page(), site.url)
    yield watched.page
    context.close()
    assert watched.problems == []
