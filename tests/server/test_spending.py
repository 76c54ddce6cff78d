"""Budgets and cached answers belong to one organisation and one project; what cannot be is refused."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import update

from stratix.storage import cache, tenants
from stratix.storage.budgets import owners_in
from stratix.storage.database import Database
from stratix.storage.tables import cached_answers


def test_budgets_of_others_are_not_there(us: Any, them: Any) -> None:
    evaluation = us.evaluation(budget_tokens=1000)
    for owner in (us.project_id, evaluation["id"]):
        assert us.get(f"/budgets/{owner}")["data"]["owner_id"] == owner
        assert them.http.get(f"/budgets/{owner}").status_code == 404
        assert them.http.patch(f"/budgets/{owner}", json={"tokens": 5}).status_code == 404
    listed = them.get("/budgets")["data"]["budgets"]
    assert {budget["kind"] for budget in listed} == {"project", "key"}
    assert us.project_id not in {budget["owner_id"] for budget in listed}
    assert us.get("/budgets/project")["data"]["owner_id"] == us.project_id
    assert us.get("/budgets/key")["data"]["kind"] == "key"


def test_a_budget_is_set_kept_and_taken_away(us: Any) -> None:
    def patch(owner: str, **body: Any) -> Any:
        return us.http.patch(f"/budgets/{owner}", json=body)

    assert us.get("/budgets/project")["data"]["since"] is None
    assert patch("project", usd=0.1, tokens=50).json()["data"]["budget"]["usd"] == 0.1
    assert patch("project", tokens=None).json()["data"]["budget"]["usd"] == 0.1
    assert us.get("/budgets/project")["data"]["tokens"] is None
    assert patch("project").status_code == 422
    assert patch("project", usd=0).status_code == 422
    assert patch("project", tokens=2**70).status_code == 422
    priced = us.model(cost_per_input_token=0.000001, cost_per_output_token="0.000002")
    evaluation = us.evaluation(model_id=priced, budget_usd=2)
    assert (evaluation["budget_usd"], evaluation["budget_tokens"], evaluation["cache"]) == (2, None, False)
    assert patch(evaluation["id"], usd=3).status_code == 200
    assert us.get(f"/evaluations/{evaluation['id']}")["budget_usd"] == 3
    assert patch(evaluation["id"], reset=True).status_code == 422
    assert patch("project", usd=None).json()["data"]["budget"]["usd"] is None


@pytest.mark.parametrize("price", [-1, 2, "x", "0.0000000000001"])
def test_a_price_that_is_none_is_refused(us: Any, price: Any) -> None:
    body = {"name": "m", "key": "m", "api_url": "http://127.0.0.1:9/v1", "max_tokens": 1}
    answer = us.http.post(f"{us.project}/custom-models", json={**body, "cost_per_input_token": price})
    assert answer.status_code == 422
    assert "cost_per_input_token" in answer.text


def test_prices_of_a_custom_model_are_shown_changed_and_taken_away(us: Any) -> None:
    model = us.model(cost_per_input_token="0.00000015", cost_per_output_token=0)
    shown = us.get(f"{us.project}/models/{model}")["data"]
    assert (shown["cost_per_input_token"], shown["cost_per_output_token"]) == ("0.00000015", "0")
    path = f"{us.project}/custom-models/{model}"
    changed = us.http.patch(path, json={"cost_per_output_token": None}).json()["data"]
    assert (changed["cost_per_input_token"], changed["cost_per_output_token"]) == ("0.00000015", None)


def test_estimates_name_what_is_not_there(us: Any, them: Any) -> None:
    item = {"model_id": us.model(), "dataset_id": us.benchmark()}
    (found,) = us.post(f"{us.project}/estimates", [item])["data"]
    assert found["prompts"] == 3
    assert found["dataset_id"] == item["dataset_id"]
    assert them.http.post(f"{them.project}/estimates", json=[item]).status_code == 404
    assert us.http.post(f"{us.project}/estimates", json=[]).status_code == 422


async def test_answers_are_one_projects_and_claims_end(database: Database) -> None:
    async with database.write() as connection:
        organization = await tenants.create_organization(connection, "Ours", ["One", "Two"])
        one, two = (owner.id for owner in await _projects(connection, organization))
    keys = {"a": "model", "b": "model"}

    async def claim(project: str, claimant: str) -> set[str]:
        async with database.write() as connection:
            return await cache.claim(connection, database, project, keys, claimant)

    assert await claim(one, "first") == {"a", "b"}
    assert await claim(one, "second") == set()
    assert await claim(two, "second") == {"a", "b"}
    async with database.write() as connection:
        await cache.keep(connection, database, one, {"a": ("model", "answer")})
        await cache.keep(connection, database, one, {"a": ("model", "a later one")})
    async with database.read() as connection:
        assert await cache.find(connection, one, ["a", "b"]) == {"a": "answer"}
        assert await cache.find(connection, two, ["a", "b"]) == {}
    async with database.write() as connection:
        past = time.time() - 1
        held = cached_answers.c.claimed_by == "first"
        await connection.execute(update(cached_answers).where(held).values(claimed_until=past))
    assert await claim(one, "second") == {"b"}
    async with database.write() as connection:
        await cache.release(connection, "first")
        await cache.release(connection, "second", one, ["b"])
    assert await claim(one, "third") == {"b"}
    async with database.write() as connection:
        assert await cache.clear(connection, one) == 1
        assert await cache.clear(connection, two) == 0


async def _projects(connection: Any, organization: str) -> list[Any]:
    return [owner for owner in await owners_in(connection, organization) if owner.kind == "project"]
