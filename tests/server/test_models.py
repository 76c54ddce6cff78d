"""Models over HTTP: the project's list, and custom models."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from layerlens.models import (
    AnyModel,
    CreatedModel,
    CustomModel,
    DataEnvelope,
    ModelList,
    PublicModel,
    StatusEnvelope,
)
from stratix.catalogue import public_models
from stratix.storage.tables import custom_models
from stratix.storage.vault import Vault

SECRET = "sk-secret-of-the-endpoint"


def listed(us: Any, **query: str) -> list[Any]:
    answer = us.get(f"{us.project}/models", **query)
    return DataEnvelope[ModelList].model_validate(answer).data.models


def test_public_models_have_every_field(us: Any) -> None:
    raw = us.get(f"{us.project}/models", type="public")["data"]["models"]
    assert len(raw) == len(public_models())
    for model in raw:
        assert set(PublicModel.model_fields) == set(model)
        assert None not in model.values(), model
    assert all(isinstance(model, PublicModel) for model in listed(us, type="public"))


def test_a_full_name_comes_first_and_parts_match_in_any_case(us: Any) -> None:
    found = listed(us, type="public", name="gpt-4o")
    assert found[0].key == "gpt-4o"
    assert {model.key for model in found} >= {"gpt-4o", "gpt-4o-mini"}
    assert [model.name for model in found[1:]] == sorted((m.name for m in found[1:]), key=str.casefold)
    assert [model.id for model in listed(us, type="public", key="GPT-4O")] == [model.id for model in found]
    assert listed(us, type="public", name="no such model") == []


def test_filters_take_lists_joined_by_commas(us: Any) -> None:
    found = listed(us, type="public", companies="OpenAI,anthropic", categories="closed-source")
    assert {model.company for model in found} == {"OpenAI", "Anthropic"}
    assert not any(model.open_weights for model in found)
    assert {m.region for m in listed(us, type="public", regions="china")} == {"china"}
    assert {m.license for m in listed(us, type="public", licenses="apache-2.0")} == {"Apache-2.0"}
    assert listed(us, type="public", categories="size-sm", companies="nobody") == []


def test_a_public_model_by_id_has_no_organization(us: Any) -> None:
    model = public_models()[0]
    answer = us.get(f"{us.project}/models/{model.id}")
    assert answer["data"]["key"] == model.key
    assert "organization_id" not in answer["data"]
    assert isinstance(DataEnvelope[AnyModel].model_validate(answer).data, PublicModel)


def test_a_custom_model_is_made_found_and_listed(us: Any) -> None:
    body = {
        "name": "My model",
        "key": "my/model-1.0",
        "description": "Mine",
        "api_url": "https://example.org/v1/chat/completions",
        "max_tokens": 4096,
        "api_key": SECRET,
        "extra_payload": {"temperature": 0.5, "extra": {"deep": [1]}},
    }
    answer = us.post(f"{us.project}/custom-models", body)
    created = StatusEnvelope[CreatedModel].model_validate(answer).data
    assert (created.organization_id, created.project_id) == (us.organization_id, us.project_id)
    one = us.get(f"{us.project}/models/{created.model_id}")
    found = DataEnvelope[AnyModel].model_validate(one).data
    assert isinstance(found, CustomModel)
    assert (found.key, found.name, found.description) == ("my/model-1.0", "My model", "Mine")
    assert (found.max_tokens, found.api_url, found.disabled) == (4096, body["api_url"], False)
    assert [model.id for model in listed(us, type="custom", key="MY/")] == [created.model_id]
    assert {model.id for model in listed(us, name="my model")} == {created.model_id}
    assert all(isinstance(model, PublicModel) for model in listed(us, companies="OpenAI"))


def test_the_api_key_is_stored_encrypted_and_never_sent_back(us: Any) -> None:
    model_id = us.model(api_key=SECRET)
    path = f"{us.project}/custom-models/{model_id}"
    answers = [
        us.http.get(f"{us.project}/models/{model_id}"),
        us.http.get(f"{us.project}/models"),
        us.http.patch(path, json={"api_key": SECRET + "2", "max_tokens": 7}),
        us.http.patch(path, json={"api_key": SECRET, "max_tokens": "many"}),
        us.http.post(f"{us.project}/custom-models", json={"api_key": SECRET}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 422, 422]
    for answer in answers:
        assert SECRET not in answer.text
        assert "api_key" not in answer.text

    async def stored(connection: Any) -> str:
        query = select(custom_models.c.api_key_encrypted).where(custom_models.c.id == model_id)
        return str(await connection.scalar(query))

    token = us.server.write(stored)
    assert SECRET not in token
    assert Vault.open("", us.server.data_dir).decrypt(token) == SECRET + "2"


def test_a_change_sets_what_is_given_and_null_takes_away(us: Any) -> None:
    model_id = us.model(api_key=SECRET, extra_payload={"top_p": 0.1})
    path = f"{us.project}/custom-models/{model_id}"

    async def row(connection: Any) -> Any:
        return (await connection.execute(select(custom_models).where(custom_models.c.id == model_id))).one()

    answer = us.http.patch(path, json={"api_url": "http://other/v1", "max_tokens": 9})
    assert DataEnvelope[CustomModel].model_validate(answer.json()).data.api_url == "http://other/v1"
    kept = us.server.write(row)
    assert (kept.max_tokens, kept.extra_payload) == (9, {"top_p": 0.1})
    assert kept.api_key_encrypted
    assert us.http.patch(path, json={"api_key": None, "extra_payload": None}).status_code == 200
    cleared = us.server.write(row)
    assert (cleared.api_key_encrypted, cleared.extra_payload, cleared.max_tokens) == (None, None, 9)
    assert us.http.patch(path, json={}).status_code == 422


def test_a_deleted_model_leaves_the_project_and_frees_its_key(us: Any) -> None:
    model_id = us.model(key="twice", api_key=SECRET)
    assert us.http.post(f"{us.project}/custom-models", json=body(key="twice")).status_code == 409
    for _ in range(2):  # A repeated delete is no error.
        answer = us.http.delete(f"{us.project}/custom-models/{model_id}")
        assert answer.status_code == 200
        assert answer.json()["data"]["disabled"] is True
    assert listed(us, type="custom") == []
    assert us.get(f"{us.project}/models/{model_id}")["data"]["disabled"] is True
    changed = us.http.patch(f"{us.project}/custom-models/{model_id}", json={"max_tokens": 2})
    assert changed.status_code == 409
    assert us.model(key="twice") != model_id


def test_a_public_models_key_is_taken(us: Any) -> None:
    key = public_models()[0].key
    answer = us.http.post(f"{us.project}/custom-models", json=body(key=key))
    assert answer.status_code == 409
    assert answer.json()["error"]["message"] == f"key: {key!r} is the key of a public model; take another."
    assert listed(us, type="custom") == []


def test_the_same_key_is_free_in_another_project(us: Any, them: Any) -> None:
    assert us.model(key="same") != them.model(key="same")


def body(**changed: Any) -> dict[str, Any]:
    base = {"name": "M", "key": "k", "description": "", "api_url": "http://h/v1", "max_tokens": 1}
    return base | changed


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "n" * 257),
        ("name", ""),
        ("key", "k" * 257),
        ("key", "Upper"),
        ("key", "with space"),
        ("key", ""),
        ("description", "d" * 501),
        ("api_url", "ftp://host/v1"),
        ("api_url", "host/v1"),
        ("api_url", "http://user:password@host/v1"),
        ("api_url", "http://host:99999/v1"),
        ("api_url", "http://h/" + "x" * 2048),
        ("max_tokens", 0),
        ("max_tokens", 10**12),
        ("api_key", "line\nbreak"),
        ("api_key", "k" * 5000),
        ("extra_payload", {"messages": []}),
        ("extra_payload", {"model": "other"}),
        ("extra_payload", {"stream": True}),
        ("extra_payload", {"long": "x" * 70_000}),
        ("extra_payload", []),
    ],
)
def test_a_field_out_of_its_limits_is_named(us: Any, field: str, value: Any) -> None:
    answer = us.http.post(f"{us.project}/custom-models", json=body(**{field: value}))
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["message"].startswith(f"{field}: ")
    assert listed(us, type="custom") == []


def test_the_longest_allowed_is_allowed(us: Any) -> None:
    model_id = us.model(name="n" * 256, key="k" * 256, description="d" * 500)
    assert us.get(f"{us.project}/models/{model_id}")["data"]["key"] == "k" * 256
