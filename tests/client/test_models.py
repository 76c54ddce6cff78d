"""The project's models: what is sent, and what is made of the answer."""

from __future__ import annotations

import pytest

from layerlens import ConflictError, NotFoundError
from layerlens.models import CustomModel, PublicModel

PUBLIC_MODEL = {"id": "m-1", "key": "gpt-4o", "name": "GPT-4o", "description": "A model", "company": "OpenAI"}
NEAR_MODEL = {**PUBLIC_MODEL, "id": "m-2", "key": "gpt-4o-mini", "name": "GPT-4o mini"}
CUSTOM_MODEL = {
    "id": "m-3",
    "key": "mine",
    "name": "Mine",
    "description": "",
    "organization_id": "org-1",
    "max_tokens": 128,
    "api_url": "http://host/v1/chat/completions",
    "disabled": False,
}


def listed(public, custom):
    return lambda seen: {"data": {"models": {"public": public, "custom": custom}[seen.query["type"]]}}


async def test_models_are_listed_with_filters(run, server, project):
    server.on("GET", f"{project}/models", {"data": {"models": [PUBLIC_MODEL]}})
    models = await run(
        lambda c: c.models.get(
            type="public",
            name="gpt",
            key="4o",
            categories=["moe", "size-lg"],
            companies=["OpenAI"],
            regions=["usa"],
            licenses=["proprietary", "mit"],
        )
    )
    assert models == [PublicModel(**PUBLIC_MODEL)]
    assert isinstance(models[0], PublicModel)
    seen = server.last("GET", f"{project}/models")
    assert seen.query == {
        "type": "public",
        "name": "gpt",
        "key": "4o",
        "categories": "moe,size-lg",
        "companies": "OpenAI",
        "regions": "usa",
        "licenses": "proprietary,mit",
    }
    assert seen.headers["x-api-key"] == "key-of-the-tests"


async def test_models_of_both_types_are_listed_custom_first(run, server, project):
    server.on("GET", f"{project}/models", listed([PUBLIC_MODEL], [CUSTOM_MODEL]))
    models = await run(lambda c: c.models.get())
    assert [type(model) for model in models] == [CustomModel, PublicModel]
    assert models[0].api_url == "http://host/v1/chat/completions"


async def test_no_model_found_is_an_empty_list(run, server, project):
    server.on("GET", f"{project}/models", {"data": {"models": []}})
    assert await run(lambda c: c.models.get(type="public", name="nothing")) == []


async def test_model_by_id(run, server, project):
    server.on("GET", f"{project}/models/m-3", {"data": CUSTOM_MODEL})
    assert isinstance(await run(lambda c: c.models.get_by_id("m-3")), CustomModel)
    assert await run(lambda c: c.models.get_by_id("unknown")) is None


async def test_model_by_key_matches_the_whole_key(run, server, project):
    server.on("GET", f"{project}/models", listed([NEAR_MODEL, PUBLIC_MODEL], []))
    assert (await run(lambda c: c.models.get_by_key("gpt-4o"))).id == "m-1"
    assert await run(lambda c: c.models.get_by_key("gpt")) is None


async def test_models_are_added_to_those_present(run, server, project):
    server.on("GET", f"{project}/models", listed([PUBLIC_MODEL], [CUSTOM_MODEL]))
    server.on("PATCH", project, {"id": "proj-1", "data": {"id": "proj-1"}})
    assert await run(lambda c: c.models.add("m-9", PublicModel(**PUBLIC_MODEL))) is True
    assert server.last("PATCH", project).body == {"models": ["m-3", "m-1", "m-9"]}


async def test_models_are_removed_and_the_others_stay(run, server, project):
    server.on("GET", f"{project}/models", listed([PUBLIC_MODEL], [CUSTOM_MODEL]))
    server.on("PATCH", project, {"id": "proj-1"})
    assert await run(lambda c: c.models.remove(PublicModel(**PUBLIC_MODEL))) is True
    assert server.last("PATCH", project).body == {"models": ["m-3"]}
    with pytest.raises(ValueError, match="delete_custom"):
        await run(lambda c: c.models.remove("m-1", "m-3"))
    assert server.last("PATCH", project).body == {"models": ["m-3"]}


async def test_custom_model_is_created(run, server, project):
    ids = {"organization_id": "org-1", "project_id": "proj-1", "model_id": "m-7"}
    server.on("POST", f"{project}/custom-models", {"status": "success", "data": ids})
    given = {
        "name": "Mine",
        "key": "my/model-1.0",
        "description": "d",
        "api_url": "https://host/v1/chat/completions",
        "max_tokens": 256,
        "extra_payload": {"temperature": 0.5, "stop": None},
    }
    created = await run(lambda c: c.models.create_custom(**given))
    assert created.model_id == "m-7"
    seen = server.last("POST", f"{project}/custom-models")
    assert seen.body == given
    assert seen.headers["idempotency-key"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": "n" * 257}, "name: must have at most 256 characters"),
        ({"name": ""}, "name: must not be empty"),
        ({"name": " \n"}, "name: must not be empty"),
        ({"key": "Has Blank"}, "key: 'Has Blank' is no key"),
        ({"key": "k" * 257}, "key: "),
        ({"description": "d" * 501}, "description: must have at most 500"),
        ({"api_url": "host/v1"}, "api_url: 'host/v1' is no full URL"),
        ({"max_tokens": 0}, "max_tokens: "),
        ({"extra_payload": {"stream": True}}, "extra_payload: may not set stream"),
    ],
)
async def test_custom_model_that_breaks_a_rule_is_refused_before_it_is_sent(run, server, wrong, words):
    given = {"name": "Mine", "key": "mine", "api_url": "https://host/v1", "max_tokens": 1, **wrong}
    with pytest.raises(ValueError, match="^" + words):
        await run(lambda c: c.models.create_custom(**given))
    assert server.requests == []


async def test_taken_key_is_a_conflict_in_the_servers_words(run, server, project, reply):
    server.on(
        "POST", f"{project}/custom-models", reply(409, {"error": {"message": "The key 'mine' is taken."}})
    )
    with pytest.raises(ConflictError, match=r"The key 'mine' is taken\.") as caught:
        await run(lambda c: c.models.create_custom(name="M", key="mine", api_url="http://h/v1", max_tokens=1))
    assert caught.value.body == {"error": {"message": "The key 'mine' is taken."}}


async def test_custom_model_is_updated(run, server, project):
    server.on("PATCH", f"{project}/custom-models/m-3", {"data": {"id": "m-3"}})
    assert await run(lambda c: c.models.update_custom("m-3", max_tokens=9, api_key="k")) is True
    assert server.last("PATCH", f"{project}/custom-models/m-3").body == {"max_tokens": 9, "api_key": "k"}
    with pytest.raises(ValueError, match="Nothing to change"):
        await run(lambda c: c.models.update_custom("m-3"))
    with pytest.raises(NotFoundError):
        await run(lambda c: c.models.update_custom("unknown", max_tokens=9))


async def test_custom_model_is_deleted(run, server, project):
    server.on("DELETE", f"{project}/custom-models/m-3", {"data": {"id": "m-3"}})
    assert await run(lambda c: c.models.delete_custom(CustomModel(**CUSTOM_MODEL))) is True
    with pytest.raises(NotFoundError):
        await run(lambda c: c.models.delete_custom("unknown"))


async def test_ids_are_quoted_and_empty_ones_refused(run, server, project):
    server.on("GET", f"{project}/models/a/b?c", {"data": PUBLIC_MODEL})
    assert (await run(lambda c: c.models.get_by_id("a/b?c"))).id == "m-1"
    for wrong in ("", "..", None):
        with pytest.raises(ValueError, match="is no id"):
            await run(lambda c, wrong=wrong: c.models.get_by_id(wrong))
