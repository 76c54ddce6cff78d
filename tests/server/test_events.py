"""Server-sent events tell of an evaluation as it changes, to many at once, and end when they should."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest

from layerlens import Stratix
from layerlens.models import Evaluation, EvaluationStatus
from stratix.api import _following, _unattended
from stratix.evaluations import lifecycle
from stratix.storage import evaluations, workers
from stratix.storage.database import Database


class Stream:
    """The events of one stream, read in a thread as they come."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.lines: list[str] = []
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            for line in self.response.iter_lines():
                self.lines.append(line)
        except httpx.HTTPError:
            pass
        self.ended.set()

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events so far: `id`, `event` and `data`."""
        found = []
        for block in "\n".join(self.lines).split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
            if "data" in fields:
                found.append({**fields, "data": json.loads(fields["data"])})
        return found

    def wait(self, count: int) -> list[dict[str, Any]]:
        """Return the events once there are so many."""
        deadline = time.monotonic() + 15
        while len(self.events) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(self.events) >= count, self.lines
        return self.events


@contextmanager
def following(us: Any, found: dict[str, Any], last: str = "", **query: Any) -> Iterator[Stream]:
    headers = {"last-event-id": last} if last else {}
    path = f"/evaluations/{found['id']}/events"
    with us.http.stream("GET", path, params=query, headers=headers) as response:
        assert response.status_code == 200
        stream = Stream(response)
        try:
            yield stream
        finally:  # Closing alone would not end the read that is under way in its thread.
            connection = response.extensions["network_stream"].get_extra_info("socket")
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            assert stream.ended.wait(10)


def change(us: Any, found: dict[str, Any], **values: Any) -> None:
    async def work(connection: Any) -> None:
        statuses = [*lifecycle.ACTIVE, "paused"]
        assert await evaluations.move(connection, found["id"], expected=statuses, values=values)

    us.server.write(work)


def test_progress_comes_at_once_and_on_change_until_the_end(us: Any) -> None:
    found = us.evaluation()
    with following(us, found) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert stream.response.headers["x-accel-buffering"] == "no"
        (first,) = stream.wait(1)
        assert (first["event"], first["data"]["status"]) == ("progress", "pending")
        assert first["data"]["id"] == found["id"]
        assert not {"settings", "summary", "subsets"} & first["data"].keys()
        assert stream.lines[0].startswith("retry: ")
        change(
            us, found, status="in-progress", total=3, done=2, outcomes={"correct": 1, "incorrect": 1},
            started_at=time.time() - 1,
        )  # fmt: skip
        second = stream.wait(2)[1]
        assert second["id"] != first["id"]
        assert second["data"]["progress"]["done"] == 2
        assert second["data"]["accuracy_so_far"] == 0.5
        us.post(f"/evaluations/{found['id']}/pause", None)
        assert stream.wait(3)[2]["data"]["status"] == "paused"
        time.sleep(0.6)
        assert not stream.ended.is_set()
        assert len(stream.events) == 3
        us.post(f"/evaluations/{found['id']}/cancel", None)
        assert stream.ended.wait(10)
        *_, last = stream.events
        assert (last["event"], last["data"]["status"]) == ("end", "cancelled")


def test_who_comes_again_is_told_what_is_new(us: Any) -> None:
    found = us.evaluation()
    with following(us, found) as stream:
        last = stream.wait(1)[0]["id"]
    with following(us, found, last=last) as stream:
        time.sleep(0.6)
        assert stream.events == []
        us.post(f"/evaluations/{found['id']}/cancel", None)
        assert stream.ended.wait(10)
        (end,) = stream.events
    with following(us, found) as stream:
        assert stream.ended.wait(10)
        assert stream.events == [end]
    again = us.http.get(f"/evaluations/{found['id']}/events", headers={"last-event-id": end["id"]})
    assert (again.status_code, again.content) == (204, b"")


def test_a_stream_repeats_itself_and_ends_when_it_is_asked_to(us: Any) -> None:
    found = us.evaluation()
    began = time.monotonic()
    with following(us, found, wait=1.2, every=0.25) as stream:
        assert stream.ended.wait(10)
    assert 1.0 < time.monotonic() - began < 5
    assert 2 <= len(stream.events) <= 6
    assert len({event["id"] for event in stream.events}) == 1


def test_silence_is_broken_now_and_then(us: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_following, "KEEP_ALIVE_SECONDS", 0.3)
    found = us.evaluation()
    with following(us, found, wait=1.5) as stream:
        assert stream.ended.wait(10)
    assert len(stream.events) == 1
    assert 1 <= stream.lines.count(": still here") <= 4


def test_changes_in_quick_succession_are_told_four_times_a_second_at_most(us: Any) -> None:
    found = us.evaluation()
    with following(us, found, wait=1.5) as stream:
        stream.wait(1)
        for done in range(1, 30):
            change(us, found, status="in-progress", total=30, done=done, outcomes={"correct": done})
        assert stream.ended.wait(10)
    told = [event["data"]["progress"]["done"] for event in stream.events]
    assert told == sorted(told)
    assert len(told) <= 7


def test_many_who_follow_cost_the_database_one_look(us: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found, other, looks = us.evaluation(), us.evaluation(), Counter[str]()
    real = evaluations.standing

    async def counting(connection: Any, ids: Any) -> Any:
        looks["all"] += 1
        looks.update(ids)
        return await real(connection, ids)

    monkeypatch.setattr(evaluations, "standing", counting)
    with following(us, found) as first, following(us, found) as second, following(us, other) as third:
        for stream in (first, second, third):
            stream.wait(1)
        looks.clear()
        time.sleep(1.1)
        assert 1 <= looks["all"] <= 5
        assert looks[found["id"]] <= looks["all"]
        change(us, found, status="in-progress", total=3, done=1, outcomes={"correct": 1})
        assert first.wait(2)[1] == second.wait(2)[1]
        assert len(third.events) == 1
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:  # They left, and are not looked after any more.
        looks.clear()
        time.sleep(0.6)
        if not looks:
            break
    assert not looks


def test_a_server_that_stops_ends_its_streams(lone_server: Any) -> None:
    us = lone_server.tenant("Ours")
    found = us.evaluation()
    with following(us, found) as stream, following(us, found) as second:
        stream.wait(1)
        began = time.monotonic()
        lone_server.stop()
        assert stream.ended.wait(5)
        assert second.ended.wait(5)
        assert time.monotonic() - began < 4
        assert [event["event"] for event in stream.events] == ["progress"]
    us.http.close()


def test_the_client_waits_by_it(us: Any) -> None:
    found = us.evaluation()
    seen: list[Evaluation] = []
    client = Stratix(api_key=us.api_key, base_url=f"{us.server.url}/api/v1")

    def act(latest: Evaluation) -> None:
        seen.append(latest)
        if latest.status is EvaluationStatus.PENDING:
            change(us, found, status="in-progress", total=3, done=2, outcomes={"correct": 2})
        elif latest.status is EvaluationStatus.IN_PROGRESS:
            us.post(f"/evaluations/{found['id']}/cancel", None)

    began = time.monotonic()
    latest = client.evaluations.wait_for_completion(found["id"], on_progress=act)
    assert time.monotonic() - began < 10
    assert latest is not None
    assert latest.status is EvaluationStatus.CANCELLED
    assert [one.status.value for one in seen] == ["pending", "in-progress", "cancelled"]
    assert seen[1].progress is not None
    assert seen[1].progress.done == 2
    client.close()


def test_others_do_not_see_it(us: Any, them: Any) -> None:
    path = f"/evaluations/{us.evaluation()['id']}/events"
    assert them.http.get(path).status_code == 404
    assert us.http.get("/evaluations/eval_none/events").status_code == 404
    assert httpx.get(f"{us.server.url}/api/v1{path}", trust_env=False).status_code == 401
    for wrong in ({"every": 0.01}, {"wait": 0}, {"wait": "soon"}):
        assert us.http.get(path, params=wrong).status_code == 422


def test_what_nobody_runs_says_why_it_waits(us: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = us.evaluation()
    assert us.get(f"/evaluations/{found['id']}")["status_description"] == ""  # A worker may be starting.
    monkeypatch.setattr(_unattended, "_USUAL_SECONDS", -1.0)
    with following(us, found) as stream:
        told = stream.wait(2)[1]["data"]
        assert told["status_description"].startswith("No worker is running")
        assert us.get(f"/evaluations/{found['id']}")["status_description"] == told["status_description"]

        async def join(connection: Any) -> None:
            database = Database(us.server.database_url)
            await workers.join(connection, database, "w", host="here", pid=1, version="1")
            await database.close()

        us.server.write(join)
        assert stream.wait(3)[2]["data"]["status_description"] == ""
        assert us.get(f"/evaluations/{found['id']}")["status_description"] == ""
