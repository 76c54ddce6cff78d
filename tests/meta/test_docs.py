"""The documentation builds without a warning and needs no network to be read."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import layerlens
from layerlens._sync.resources._base import Resource

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation, built as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "--quiet",
        "-d",
        str(folder / ".doctrees"),
    ]
    built = subprocess.run(
        [*command, str(ROOT / "docs"), str(folder)], capture_output=True, text=True, timeout=300
    )
    assert built.returncode == 0, built.stderr
    return folder


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    loads = re.compile(r"<(?:script|img|link|iframe)\b[^>]*\b(?:src|href)=\"(?:https?:)?//", re.IGNORECASE)
    pages = sorted(site.rglob("*.html"))
    assert pages
    for page in pages:
        assert not loads.search(page.read_text(encoding="utf-8")), f"{page.name} loads something remote"


def test_styles_load_nothing_from_elsewhere(site: Path) -> None:
    for style in site.rglob("*.css"):
        assert not re.search(r"url\([\"']?(?:https?:)?//", style.read_text(encoding="utf-8")), style.name


def test_reference_holds_every_public_name(site: Path) -> None:
    page = (site / "reference" / "client.html").read_text(encoding="utf-8")
    aliases = {"Client", "AsyncClient", "__version__"}
    missing = {name for name in set(layerlens.__all__) - aliases if f'id="layerlens.{name}"' not in page}
    assert not missing, "add them to docs/reference/client.md"


def test_reference_holds_every_method(site: Path) -> None:
    page = (site / "reference" / "client.html").read_text(encoding="utf-8")
    clients = [layerlens.Stratix("key"), layerlens.PublicClient("key")]
    resources = {
        type(part) for client in clients for part in vars(client).values() if isinstance(part, Resource)
    }
    assert len(resources) >= 8
    for resource in resources:
        for method in (name for name in dir(resource) if not name.startswith("_")):
            anchor = f"{resource.__module__}.{resource.__qualname__}.{method}"
            assert f'id="{anchor}"' in page, "add its class to docs/reference/client.md"
