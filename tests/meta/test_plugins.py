"""What installed plugins add to each of the platform's folders."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stratix import metrics, scorers
from stratix.benchmarks import generators, readers
from stratix.catalogue import Endpoint
from stratix.providers import connect


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install a plugin with a reader, a generator, a provider, and a scorer that is none."""
    (tmp_path / "loud_plugin.py").write_text(
        "def rows(*streams, **options):\n    yield {'input': 'HEY'}\n"
        "def connect(endpoint, timeout):\n    return endpoint.base_url, timeout\n"
    )
    info = tmp_path / "loud_plugin-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: loud-plugin\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[stratix.readers]\nloud = loud_plugin:rows\n"
        "[stratix.generators]\nloud = loud_plugin:rows\n"
        "[stratix.providers]\nloud = loud_plugin:connect\n"
        "[stratix.scorers]\nloud = loud_plugin:rows\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("loud_plugin", None)
    scorers.load.cache_clear()
    readers.load.cache_clear()


@pytest.mark.usefixtures("installed")
def test_a_plugin_adds_to_every_folder() -> None:
    assert "loud" in readers.names()
    assert list(readers.load("loud")(None)) == [{"input": "HEY"}]
    assert "loud" in generators.names()
    assert list(generators.load("loud")()) == [{"input": "HEY"}]
    spoken: object = connect("loud", Endpoint("http://here", None), 3.0)
    assert spoken == ("http://here", 3.0)


@pytest.mark.usefixtures("installed")
def test_what_is_no_scorer_is_refused() -> None:
    with pytest.raises(ValueError, match="'loud' is not a subclass"):
        scorers.load("loud")


def test_unknown_names_list_the_known() -> None:
    for look_up in (scorers.load, metrics.load, readers.load, generators.load):
        with pytest.raises(ValueError, match="there is no .* 'no-such'; there are: .+"):
            look_up("no-such")
    with pytest.raises(ValueError, match="there is no provider 'no-such'; there are: local, openai"):
        connect("no-such", Endpoint("http://here", None), 3.0)
