"""The first view after a server start, and the next: two evaluations of 1,000,000 results each.

`python -m benchmarks.views FOLDER` fills the folder's SQLite file once and measures on it each time.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.figure import Figure
from benchmarks.platform import KEY, Settings, started
from layerlens import Stratix

_ROWS = 1_000_000
_WANTED = "150 ms"
_SEARCH = "search=Question+77777"
_PAUSE = 2.0
"""Seconds after it is ready, as nobody looks sooner."""


def measure(database_url: str) -> list[Figure]:
    """Fill a database, let the platform end its work on it, then start it anew for each view."""
    with tempfile.TemporaryDirectory(prefix="stratix-bench-") as folder:
        return _measure(Path(folder), database_url, "")


def _measure(folder: Path, database_url: str, wanted: str) -> list[Figure]:
    settings = Settings(folder, "http://127.0.0.1:9/v1", 64, database_url)
    ids = folder / "evaluations"
    if not ids.exists():
        url = database_url or f"sqlite:///{folder}/stratix.db"
        # A process of its own, so that the memory it takes is not kept.
        command = (sys.executable, "-m", "benchmarks.comparison", str(_ROWS), url)
        ids.write_bytes(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    first, second = ids.read_text().split()
    with started(settings) as (client, _), _browser(client) as browser:
        browser.get("/").raise_for_status()
        cookies = browser.cookies
        benchmark = _settle(browser, first, second)
        organization = client.get_organization()
        mine = f"organization_id={organization.id}&project_id={organization.projects[0].id}"
    found = []
    for name, path in _views(first, second, f"benchmarks={benchmark}&{mine}"):
        if wanted in name:
            with started(settings) as (client, _), _browser(client) as browser:
                browser.cookies = cookies
                time.sleep(_PAUSE)
                times = [_took(browser, path) for _ in range(2)]
            found.append(
                Figure(f"{name}: first view, next", _WANTED, f"{times[0]:.0f} ms, {times[1]:.0f} ms")
            )
    return found


def _browser(client: Stratix) -> httpx.Client:
    address = str(client.base_url).removesuffix("/api/v1")
    headers = {"x-api-key": KEY}
    return httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=600)


def _settle(browser: httpx.Client, *ids: str) -> str:
    """Wait until evaluations have all that is made after their end, and after the first search."""
    benchmark = ""
    for one in ids:
        while not (row := browser.get(f"/api/v1/evaluations/{one}").json())["summary"]:
            time.sleep(0.5)
        benchmark = row["dataset_id"]
    while browser.get(f"/api/v1/evaluations/{ids[0]}/search?{_SEARCH}").json()["state"] != "ready":
        time.sleep(0.5)
    return benchmark


def _views(first: str, second: str, board: str) -> Iterator[tuple[str, str]]:
    results, of = f"/api/v1/results?evaluation_id={first}", f"/evaluations/{first}"
    both = f"evaluations={first},{second}"
    yield "API: results", results
    yield "API: results by response time", f"{results}&sort_by=latency&order=desc"
    yield "API: results of a range of tokens", f"{results}&min_tokens=100&max_tokens=200"
    yield "API: results with a text", f"{results}&{_SEARCH}"
    yield "API: distributions", f"/api/v1/evaluations/{first}/figures"
    yield "API: comparison", f"/api/v1/comparisons?{both}"
    yield "API: disagreements", f"/api/v1/comparisons/disagreements?{both}"
    yield "API: leaderboard", f"/api/v1/leaderboards?{board}"
    yield "page: home", "/"
    yield "page: evaluations", "/evaluations"
    yield "page: evaluation", of
    yield "page: its distributions", f"{of}/figures"
    yield "page: results", f"{of}/results"
    yield "page: results by response time", f"{of}/results?sort_by=latency&order=desc"
    yield "page: results of a score", f"{of}/results?max_score=0.5&sort_by=tokens&order=desc"
    yield "page: results with a text", f"{of}/results?{_SEARCH}"
    yield "page: a result, by tokens", f"{of}/results/0-500000?sort_by=tokens&order=desc"
    yield "page: compare", f"/compare?a={first}&b={second}"
    yield "page: leaderboard", "/leaderboard"
    yield "chart: response times", f"/charts/latency.svg?evaluation={first}&theme=light"


def _took(browser: httpx.Client, path: str) -> float:
    began = time.perf_counter()
    answer = browser.get(path)
    milliseconds = 1000 * (time.perf_counter() - began)
    answer.raise_for_status()
    return milliseconds


if __name__ == "__main__":
    for figure in _measure(Path(sys.argv[1]), "", " ".join(sys.argv[2:])):
        print(figure.what, figure.measured, sep="\t")
