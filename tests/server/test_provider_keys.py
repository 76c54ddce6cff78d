"""Keys of model providers that a project stores: never read again, and nobody else's."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from stratix.storage.tables import provider_keys
from stratix.storage.vault import Vault, masked

SECRET = "sk-ant-a-secret-of-this-test-a1b2"


def keys_of(tenant: Any) -> dict[str, Any]:
    listed = tenant.get(f"{tenant.project}/provider-keys")["data"]["providers"]
    return {one["key"]: one for one in listed}


def put(tenant: Any, provider: str, api_key: Any) -> httpx.Response:
    answer: httpx.Response = tenant.http.put(
        f"{tenant.project}/provider-keys/{provider}", json={"api_key": api_key}
    )
    return answer


def the_model(tenant: Any, company: str) -> dict[str, Any]:
    """Return the first public model of a company."""
    found: dict[str, Any] = tenant.get(f"{tenant.project}/models", companies=company)["data"]["models"][0]
    return found


def test_what_is_shown_of_a_key() -> None:
    assert masked("sk-proj-0123456789abcdef") == "sk-…cdef"
    assert masked("AIza0123456789abcdefghij") == "…ghij"
    assert masked("sk-0123456789abcdef") == ""


def test_providers_say_where_their_keys_come_from(us: Any) -> None:
    found = keys_of(us)
    assert (found["openai"]["source"], found["openai"]["has_key"]) == ("environment", True)
    assert found["openai"]["variables"] == ["OPENAI_API_KEY"]
    assert found["openai"]["models"] > 5
    assert (found["anthropic"]["source"], found["anthropic"]["has_key"]) == ("none", False)
    assert (found["local"]["source"], found["local"]["has_key"]) == ("none", True)
    assert "sk-of-the-test" not in us.http.get(f"{us.project}/provider-keys").text


def test_a_key_is_stored_encrypted_replaced_and_removed(us: Any) -> None:
    answers = [put(us, "anthropic", SECRET)]
    first = answers[0].json()["data"]
    assert (first["source"], first["has_key"], first["masked_key"]) == ("project", True, "sk-…a1b2")
    assert (first["changed_by"], first["changed_at"]) == ("test", first["created_at"])

    async def row(connection: Any) -> Any:
        query = sa.select(provider_keys).where(provider_keys.c.project_id == us.project_id)
        return (await connection.execute(query)).one_or_none()

    stored = us.server.write(row)
    assert SECRET not in str(stored)
    assert Vault.open("", us.server.data_dir).decrypt(stored.secret_encrypted) == SECRET

    answers += [put(us, "anthropic", "short-key"), us.http.get(f"{us.project}/provider-keys")]
    found = keys_of(us)["anthropic"]
    assert (found["source"], found["masked_key"]) == ("project", "")
    assert found["created_at"] == first["created_at"] <= found["changed_at"]
    gone = us.http.delete(f"{us.project}/provider-keys/anthropic")
    assert gone.json()["data"]["source"] == "none"
    assert us.server.write(row) is None
    again = us.http.delete(f"{us.project}/provider-keys/anthropic")
    assert again.status_code == 404
    assert "has stored no key for Anthropic" in again.json()["error"]["message"]
    for answer in (*answers, gone, again):
        assert not any(secret in answer.text for secret in (SECRET, "short-key"))


def test_the_projects_key_goes_before_the_environments(us: Any) -> None:
    assert put(us, "openai", SECRET).json()["data"]["source"] == "project"
    gone = us.http.delete(f"{us.project}/provider-keys/openai").json()["data"]
    assert (gone["source"], gone["has_key"]) == ("environment", True)


@pytest.mark.parametrize(
    "bad", ["", "   ", "sk one", "sk-1\n", "sk-1\r\nx-evil: 1", "sk-ключ", "x" * 4097, 7, None]
)
def test_what_no_header_can_carry_is_refused_and_not_repeated(us: Any, bad: Any) -> None:
    answer = put(us, "anthropic", bad)
    assert answer.status_code == 422
    (field,) = answer.json()["error"]["fields"]
    assert field["field"] == "api_key"
    assert not isinstance(bad, str) or not bad.strip() or bad.strip() not in answer.text
    assert keys_of(us)["anthropic"]["source"] == "none"


def test_an_unknown_provider_is_answered_with_those_there_are(us: Any) -> None:
    for answer in (put(us, "nobody", SECRET), us.http.delete(f"{us.project}/provider-keys/nobody")):
        assert answer.status_code == 404
        message = answer.json()["error"]["message"]
        assert "'nobody'" in message
        assert "anthropic, " in message
        assert "local" not in message
    refused = put(us, "local", SECRET)
    assert refused.status_code == 409
    assert "wants no key" in refused.json()["error"]["message"]


def test_a_key_is_the_projects_alone(us: Any, them: Any) -> None:
    assert put(them, "anthropic", SECRET).status_code == 200
    assert keys_of(us)["anthropic"]["source"] == "none"
    assert not the_model(us, "Anthropic")["available"]
    mixed = f"/organizations/{us.organization_id}/projects/{them.project_id}/provider-keys"
    for path in (f"{them.project}/provider-keys", mixed):
        assert us.http.get(path).status_code == 404
        assert us.http.put(f"{path}/anthropic", json={"api_key": SECRET}).status_code == 404
        assert us.http.delete(f"{path}/anthropic").status_code == 404
    assert us.http.delete(f"{us.project}/provider-keys/anthropic").status_code == 404
    assert keys_of(them)["anthropic"]["masked_key"] == "sk-…a1b2"


def test_setting_keys_takes_the_scope_admin(us: Any) -> None:
    for scope, allowed in (("run", 403), ("admin", 200)):
        body = {"name": "for a test", "scopes": [scope]}
        key = us.post(f"/organizations/{us.organization_id}/api-keys", body)["data"]["key"]
        own, path = {"x-api-key": key}, f"{us.project}/provider-keys"
        assert us.http.get(path, headers=own).status_code == 200
        sent = us.http.put(f"{path}/anthropic", json={"api_key": SECRET}, headers=own)
        assert sent.status_code == allowed
        assert us.http.delete(f"{path}/anthropic", headers=own).status_code == allowed


def test_models_can_be_asked_once_their_providers_key_is_stored(us: Any) -> None:
    model = the_model(us, "Anthropic")
    item = {"model_id": model["id"], "dataset_id": us.benchmark()}
    judged = {**item, "model_id": the_model(us, "OpenAI")["id"], "judge_model_id": model["id"]}
    judged["metrics"] = ["hallucination"]
    tries, evaluations = f"{us.project}/models/{model['id']}/tries", f"{us.project}/evaluations"
    refused = [us.http.post(evaluations, json=[item]), us.http.post(evaluations, json=[judged])]
    refused.append(us.http.post(tries, json={"prompt": "Hello"}))
    for answer in refused:
        assert answer.status_code == 422
        assert "stratix providers set-key anthropic" in answer.json()["error"]["message"]
    assert (model["available"], model["missing_key"]) == (False, "ANTHROPIC_API_KEY")
    assert put(us, "anthropic", SECRET).status_code == 200
    for found in (the_model(us, "Anthropic"), us.get(f"{us.project}/models/{model['id']}")["data"]):
        assert (found["available"], found["missing_key"]) == (True, "")
    us.post(evaluations, [item, judged])
    us.post(tries, {"prompt": "Hello"})
