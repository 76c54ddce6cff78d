"""Organisations and projects over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from layerlens.models import DataEnvelope, Organization, ProjectUpdated
from stratix.catalogue import public_benchmarks, public_models


def test_the_key_tells_the_organization(us: Any) -> None:
    found = DataEnvelope[Organization].model_validate(us.get("/organizations")).data
    assert (found.id, found.name) == (us.organization_id, "Ours")
    assert [(project.id, project.name) for project in found.projects] == [(us.project_id, "Project of Ours")]


def test_a_bearer_token_is_a_key_too(us: Any) -> None:
    headers = {"x-api-key": "", "authorization": f"Bearer {us.api_key}"}
    assert us.http.get("/organizations", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "sk-stratix-wrong"}, {"authorization": "Basic eDp5"}])
def test_without_a_good_key_it_is_401(us: Any, headers: dict[str, str]) -> None:
    del us.http.headers["x-api-key"]
    answer = us.http.get("/organizations", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "authentication_error"


def test_a_project_offers_all_until_it_chooses(us: Any, them: Any) -> None:
    everything = us.get(f"{us.project}/models", type="public")["data"]["models"]
    assert {model["id"] for model in everything} == {model.id for model in public_models()}
    own, chosen = us.model(), [public_models()[3].id, public_models()[0].id]
    answer = us.http.patch(us.project, json={"models": [*chosen, own, chosen[0]]})
    updated = ProjectUpdated.model_validate(answer.json())
    assert updated.id == us.project_id == answer.json()["data"]["id"]
    now = us.get(f"{us.project}/models", type="public")["data"]["models"]
    assert {model["id"] for model in now} == set(chosen)
    assert [model["id"] for model in us.get(f"{us.project}/models", type="custom")["data"]["models"]] == [own]
    assert us.http.get(f"{us.project}/models/{chosen[0]}").status_code == 200
    assert us.http.get(f"{us.project}/models/{public_models()[1].id}").status_code == 404
    assert len(them.get(f"{them.project}/models", type="public")["data"]["models"]) == len(everything)


def test_benchmarks_are_chosen_alike(us: Any) -> None:
    chosen = public_benchmarks()[0].id
    answer = us.http.patch(us.project, json={"datasets": [chosen]})
    assert answer.json()["id"] == us.project_id
    found = us.get(f"{us.project}/benchmarks", type="public")["data"]["datasets"]
    assert [benchmark["id"] for benchmark in found] == [chosen]
    assert us.http.patch(us.project, json={"datasets": []}).status_code == 200
    assert us.get(f"{us.project}/benchmarks", type="public")["data"]["datasets"] == []
    # The models were not spoken of, so they are as before.
    assert len(us.get(f"{us.project}/models", type="public")["data"]["models"]) == len(public_models())


@pytest.mark.parametrize("body", [{}, {"models": ["no-such-model"]}, {"datasets": "all"}, {"models": None}])
def test_a_bad_choice_changes_nothing(us: Any, body: dict[str, Any]) -> None:
    answer = us.http.patch(us.project, json=body)
    assert answer.status_code == 422
    assert len(us.get(f"{us.project}/models", type="public")["data"]["models"]) == len(public_models())


def test_the_custom_models_of_others_cannot_be_chosen(us: Any, them: Any) -> None:
    answer = us.http.patch(us.project, json={"models": [them.model()]})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith("models: ")
