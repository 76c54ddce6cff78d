"""Evaluations over HTTP: start, look at, wait for, list, cancel."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from sqlalchemy import func, literal_column, select, update

from layerlens.models import DataEnvelope, Evaluation, EvaluationList, EvaluationStatus
from stratix.catalogue import provider, public_benchmarks, public_model_by_key, public_models
from stratix.storage import evaluations as storage
from stratix.storage.database import Database
from stratix.storage.tables import NEEDS_ATTENTION, evaluations


def change(us: Any, evaluation_id: str, **values: Any) -> None:
    async def work(connection: Any) -> None:
        await connection.execute(
            update(evaluations).where(evaluations.c.id == evaluation_id).values(**values)
        )

    us.server.write(work)


def listing(us: Any, **query: Any) -> EvaluationList:
    ids = {"organization_id": us.organization_id, "project_id": us.project_id}
    return EvaluationList.model_validate(us.get("/evaluations", **{**ids, **query}))


def test_an_evaluation_is_recorded_for_the_worker(us: Any) -> None:
    model_id, benchmark_id = us.model(name="M", key="m"), us.benchmark(name="B")
    raw = us.evaluation(model_id=model_id, dataset_id=benchmark_id, limit=2, epochs=3, concurrency=4)
    found = Evaluation.model_validate(raw)
    assert found.status is EvaluationStatus.PENDING
    assert (found.finished_at, found.accuracy, found.average_duration) == (0, 0.0, 0)
    assert isinstance(raw["submitted_at"], int)
    assert abs(raw["submitted_at"] - time.time()) < 60
    assert (found.model_id, found.model_name, found.model_key) == (model_id, "M", "m")
    assert (found.benchmark_id, found.benchmark_name, found.benchmark_key) == (benchmark_id, "B", "b")
    assert found.progress is not None
    assert (found.progress.total, found.progress.done, found.progress.eta_seconds) == (0, 0, None)
    assert Evaluation.model_validate(us.get(f"/evaluations/{found.id}")) == found

    async def row(connection: Any) -> Any:
        waiting = [one.id for one in await storage.unqueued(connection, Database(us.server.database_url))]
        return waiting, await storage.get(connection, found.id)

    waiting, stored = us.server.write(row)
    assert found.id in waiting
    assert (stored.limit, stored.epochs, stored.concurrency) == (2, 3, 4)
    assert (stored.is_custom_model, stored.is_custom_benchmark) == (True, True)
    assert (stored.organization_id, stored.project_id) == (us.organization_id, us.project_id)


def test_one_for_each_item_in_order_and_public_ones_too(us: Any) -> None:
    model, benchmark, own = public_model_by_key("gpt-4o"), public_benchmarks()[0], us.model()
    assert model is not None
    items = [
        {"model_id": own, "dataset_id": benchmark.id, "is_custom_model": True},
        {
            "model_id": model.id,
            "dataset_id": benchmark.id,
            "is_custom_model": False,
            "is_custom_dataset": False,
        },
    ]
    answer = us.post(f"{us.project}/evaluations", items)
    first, second = DataEnvelope[list[Evaluation]].model_validate(answer).data
    assert (first.model_id, second.model_id) == (own, model.id)
    assert (second.model_company, second.benchmark_name) == ("OpenAI", benchmark.name)


@pytest.mark.parametrize(
    ("item", "status", "words"),
    [
        ({"model_id": "no-such-model"}, 404, "no-such-model"),
        ({"dataset_id": "no-such-benchmark"}, 404, "no-such-benchmark"),
        ({"limit": 0}, 422, "[1].limit"),
        ({"limit": 2**40}, 422, "[1].limit"),
        ({"epochs": 0}, 422, "[1].epochs"),
        ({"epochs": 101}, 422, "[1].epochs"),
        ({"concurrency": 0}, 422, "[1].concurrency"),
        ({"concurrency": 4097}, 422, "[1].concurrency"),
        ({"model_id": None}, 422, "[1].model_id"),
    ],
)
def test_all_items_or_none(us: Any, item: dict[str, Any], status: int, words: str) -> None:
    good = {
        "model_id": us.model(),
        "dataset_id": us.benchmark(),
        "is_custom_model": True,
        "is_custom_dataset": True,
    }
    answer = us.http.post(f"{us.project}/evaluations", json=[good, good | item])
    assert answer.status_code == status, answer.text
    assert words in answer.json()["error"]["message"]
    assert listing(us).total_count == 0


@pytest.mark.parametrize("body", [[], {}, [{}], None, "text", [[]]])
def test_a_body_of_another_shape_is_422(us: Any, body: Any) -> None:
    assert us.http.post(f"{us.project}/evaluations", json=body).status_code == 422


def test_at_most_a_hundred_at_a_time(us: Any) -> None:
    item = {"model_id": us.model(), "dataset_id": us.benchmark()}
    assert us.http.post(f"{us.project}/evaluations", json=[item] * 101).status_code == 422
    assert len(us.post(f"{us.project}/evaluations", [item] * 100)["data"]) == 100


def test_a_model_without_a_key_names_the_variable(us: Any) -> None:
    model = next(
        m for m in public_models() if provider(m.provider).key_variables[:1] == ("ANTHROPIC_API_KEY",)
    )
    item = {"model_id": model.id, "dataset_id": public_benchmarks()[0].id}
    answer = us.http.post(f"{us.project}/evaluations", json=[item])
    assert answer.status_code == 422
    assert "ANTHROPIC_API_KEY" in answer.json()["error"]["message"]


def test_a_deleted_model_cannot_be_evaluated_but_stays_on_the_record(us: Any) -> None:
    model_id = us.model()
    found = us.evaluation(model_id=model_id)
    assert us.http.delete(f"{us.project}/custom-models/{model_id}").status_code == 200
    item = {"model_id": model_id, "dataset_id": found["dataset_id"]}
    answer = us.http.post(f"{us.project}/evaluations", json=[item])
    assert answer.status_code == 422
    assert "deleted" in answer.json()["error"]["message"]
    assert us.get(f"/evaluations/{found['id']}")["model_id"] == model_id


def test_the_list_is_sorted_filtered_and_paged(us: Any) -> None:
    model_id, other_id, benchmark_id = us.model(), us.model(), us.benchmark()
    made = [us.evaluation(model_id=model_id, dataset_id=benchmark_id)["id"] for _ in range(4)]
    made.append(us.evaluation(model_id=other_id, dataset_id=benchmark_id)["id"])
    for place, (accuracy, duration) in enumerate([(0.5, 30), (0.9, 10), (0.1, 20), (0.7, 40), (0.2, 50)]):
        change(us, made[place], accuracy=accuracy, average_duration=duration, submitted_at=1000.5 + place)
    change(us, made[1], status="success", finished_at=2000.75)

    def order(**query: Any) -> list[int]:
        return [made.index(evaluation.id) for evaluation in listing(us, **query).evaluations]

    assert order() == [4, 3, 2, 1, 0]
    assert order(order="asc") == [0, 1, 2, 3, 4]
    assert order(sort_by="accuracy") == [1, 3, 0, 4, 2]
    assert order(sort_by="average_duration", order="asc") == [1, 2, 0, 3, 4]
    assert order(page=2, page_size=2) == [2, 1]
    assert listing(us, page=2, page_size=2).total_count == 5
    assert order(models=other_id) == [4]
    assert order(models=f"{other_id},{model_id}", datasets=benchmark_id) == [4, 3, 2, 1, 0]
    assert order(datasets="another") == []
    assert order(status="success") == [1]
    assert order(unique="true") == [4, 3]
    assert listing(us, unique="true").total_count == 2
    (finished,) = listing(us, status="success").evaluations
    assert (finished.submitted_at, finished.finished_at) == (1001, 2000)


def test_the_list_is_searched_by_names_and_by_id(us: Any, them: Any) -> None:
    sums, riddles = us.benchmark(name="Sums 100%"), us.benchmark(name="Riddles")
    old, new = us.model(name="Straße old", key="searched/old"), us.model(name="New_one", key="searched/new")
    pairs = [(model, one) for model in (old, new) for one in (sums, riddles)]
    made = [us.evaluation(model_id=model, dataset_id=one)["id"] for model, one in pairs]
    change(us, made[2], status="success")

    def found(text: str, **query: Any) -> list[int]:
        rows = listing(us, search=text, order="asc", **query).evaluations
        return [made.index(row.id) for row in rows if row.id in made]

    assert found("searched") == found("SEARCHED/") == found(" ") == [0, 1, 2, 3]
    assert found("STRASSE") == [0, 1]
    assert found("sums searched") == found("100% searched/") == [0, 2]
    assert found("riddles new_one") == [3]
    assert found("new%") == found("newxone") == found("no such") == []
    assert found(made[3][:15]) == [3]
    assert found("searched", status="success,failure") == [2]
    assert found("searched", unique="true", models=new) == [2, 3]
    assert listing(us, search="new_one", page_size=1).total_count == 2
    change(us, made[0], is_public=True)
    public = them.get("/evaluations", search="straße sums")["evaluations"]
    assert [row["id"] for row in public] == [made[0]]


def test_without_an_organization_the_public_ones_are_listed(us: Any, them: Any) -> None:
    shown, hidden = us.evaluation()["id"], us.evaluation()["id"]
    change(us, shown, is_public=True)
    ids = {evaluation["id"] for evaluation in them.get("/evaluations", page_size=500)["evaluations"]}
    assert shown in ids
    assert hidden not in ids
    assert them.get(f"/evaluations/{shown}")["id"] == shown
    assert them.http.post(f"/evaluations/{shown}/cancel").status_code == 404


@pytest.mark.parametrize(
    "query", [{"sort_by": "cost"}, {"order": "up"}, {"status": "done"}, {"page_size": 501}, {"page": 0}]
)
def test_a_bad_query_is_named(us: Any, query: dict[str, Any]) -> None:
    answer = us.http.get("/evaluations", params=query)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith(next(iter(query)))


def test_progress_is_told_while_it_runs(us: Any) -> None:
    found = us.evaluation(epochs=2)
    change(
        us,
        found["id"],
        status="in-progress",
        started_at=time.time() - 10,
        total=100,
        done=40,
        outcomes={"correct": 38, "failed": 2},
    )
    running = Evaluation.model_validate(us.get(f"/evaluations/{found['id']}"))
    assert running.progress is not None
    assert (running.progress.total, running.progress.done, running.prompt_count) == (100, 40, 50)
    assert running.progress.per_second == pytest.approx(4, rel=0.1)
    assert running.progress.eta_seconds == pytest.approx(15, rel=0.1)
    assert (running.failed_prompt_count, running.finished_at) == (2, 0)


def test_cancelling_ends_it_once(us: Any) -> None:
    found = us.evaluation()
    for _ in range(2):
        cancelled = Evaluation.model_validate(us.post(f"/evaluations/{found['id']}/cancel", None))
        assert cancelled.status is EvaluationStatus.CANCELLED
        assert cancelled.is_finished
        assert cancelled.finished_at >= found["submitted_at"]
    change(us, found["id"], status="success")
    answer = us.http.post(f"/evaluations/{found['id']}/cancel")
    assert answer.status_code == 409
    assert "success" in answer.json()["error"]["message"]


def test_waiting_learns_of_the_end_at_once(us: Any) -> None:
    found = us.evaluation()
    timer = threading.Timer(0.6, change, (us, found["id"]), {"status": "success", "finished_at": time.time()})
    timer.start()
    began = time.monotonic()
    answer = us.get(f"/evaluations/{found['id']}", wait=20)
    waited = time.monotonic() - began
    timer.join()
    assert answer["status"] == "success"
    assert 0.5 < waited < 4


def test_waiting_ends_when_the_time_is_up_or_there_is_nothing_to_wait_for(us: Any) -> None:
    found = us.evaluation()
    began = time.monotonic()
    assert us.get(f"/evaluations/{found['id']}", wait=0.4)["status"] == "pending"
    assert 0.35 < time.monotonic() - began < 4
    change(us, found["id"], status="failure")
    began = time.monotonic()
    assert us.get(f"/evaluations/{found['id']}", wait=1000)["status"] == "failure"
    assert time.monotonic() - began < 4
    assert us.http.get(f"/evaluations/{found['id']}", params={"wait": -1}).status_code == 422
    assert us.http.get(f"/evaluations/{found['id']}", params={"wait": "nan"}).status_code == 422


def test_nothing_else_is_written_by_a_create(us: Any) -> None:
    before = listing(us).total_count
    us.evaluation()

    async def total(connection: Any) -> Any:
        mine = evaluations.c.project_id == us.project_id
        return await connection.scalar(select(func.count()).select_from(evaluations).where(mine))

    assert us.server.write(total) == before + 1


def test_what_needs_attention_is_found_among_all_by_an_index(us: Any) -> None:
    model_id, benchmark_id = us.model(), us.benchmark()
    ids = [us.evaluation(model_id=model_id, dataset_id=benchmark_id)["id"] for _ in range(7)]
    statuses = ["failure", "success", "timeout", "success", "paused", "cancelled", "in-progress"]
    for number, (one, status) in enumerate(zip(ids, statuses, strict=True)):
        remark = "many answers are invalid" if number == 3 else ""
        change(us, one, status=status, status_description=remark, submitted_at=float(number))
    found = listing(us, attention="true")
    assert [one.id for one in found.evaluations] == [ids[4], ids[3], ids[2], ids[0]]
    assert found.total_count == 4
    assert [one.id for one in listing(us, attention="true", page_size=1, page=3).evaluations] == [ids[2]]

    async def plan(connection: Any) -> str:
        query = select(evaluations.c.id).where(
            evaluations.c.project_id == us.project_id, literal_column(NEEDS_ATTENTION)
        )
        compiled = query.order_by(evaluations.c.submitted_at.desc()).compile(dialect=connection.dialect)
        values = tuple(compiled.params.values())
        if connection.dialect.name == "postgresql":
            return "ix_evaluations_attention"  # Which reads so few rows as these in whatever way.
        rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values)
        return str(rows.all())

    assert "ix_evaluations_attention" in us.server.write(plan)
