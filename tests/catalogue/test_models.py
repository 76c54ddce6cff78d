"""The catalogue of public models is complete, consistent and stable."""

from __future__ import annotations

import uuid
from datetime import date
from pathlib import Path

import pytest

from stratix import catalogue
from stratix.catalogue import CatalogueModel, public_model, public_model_by_key, public_models
from stratix.catalogue._models import load_models

FIRST_PUBLIC_MODEL = date(2022, 11, 1)


def test_catalogue_is_broad() -> None:
    models = public_models()
    assert len(models) >= 45
    assert len({model.company for model in models}) >= 8


def test_gpt_4o_is_found_by_key_and_by_id() -> None:
    model = public_model_by_key("gpt-4o")
    assert model is not None
    assert model.name.lower() == "gpt-4o"
    assert (model.company, model.provider, model.provider_model) == ("OpenAI", "openai", "gpt-4o")
    assert model.released_at == 1715558400  # 2024-05-13T00:00:00Z
    assert model.cost_per_input_token == "0.0000025"
    assert model.cost_per_output_token == "0.00001"
    assert public_model(model.id) is model


def test_ids_do_not_change() -> None:
    gpt_4o = public_model_by_key("gpt-4o")
    assert gpt_4o is not None
    assert gpt_4o.id == "4234db90-54cf-542a-b234-c8d3804b1f92"
    assert catalogue.stable_id("benchmark", "gpt-4o") != gpt_4o.id


def test_ids_and_names_are_unique() -> None:
    models = public_models()
    assert len({model.id for model in models}) == len(models)
    assert len({model.name for model in models}) == len(models)
    assert len({(model.provider, model.provider_model) for model in models}) == len(models)
    assert all(uuid.UUID(model.id) for model in models)


def test_unknown_model_is_none() -> None:
    assert public_model("nothing") is None
    assert public_model_by_key("nothing") is None


def test_local_model_needs_no_account() -> None:
    model = public_model_by_key("smollm2-135m-instruct")
    assert model is not None
    assert (model.company, model.provider, model.license) == ("Hugging Face", "local", "Apache-2.0")
    assert model.parameters == 135e6
    assert model.categories == ("transformer", "open-source", "usa", "size-sm")


@pytest.mark.parametrize("model", public_models(), ids=lambda model: model.key)
def test_model_makes_sense(model: CatalogueModel) -> None:
    assert model.provider in catalogue.providers()
    assert model.released is None or model.released > FIRST_PUBLIC_MODEL
    assert model.open_weights == (model.license != "Proprietary"), "open weights come with a licence"
    assert (model.input_price is None) == (model.output_price is None)
    if model.input_price is not None and model.output_price is not None:
        assert model.input_price <= model.output_price < 200
    if model.parameters:
        assert 1e8 <= model.parameters <= 2e12
    if model.context_length is not None:
        assert model.max_tokens is None or model.max_tokens <= model.context_length
    assert {"open-source", "closed-source"} & set(model.categories)
    assert model.region in model.categories


def test_reasoning_models_of_openai_take_their_own_token_field() -> None:
    reasoning = [m for m in public_models() if m.provider == "openai" and m.fixed_temperature]
    assert {"o1", "o3", "o3-mini", "o4-mini", "gpt-5"} <= {m.key for m in reasoning}
    assert {m.token_parameter for m in reasoning} == {"max_completion_tokens"}


@pytest.mark.parametrize(
    ("parameters", "size"),
    [(0.0, None), (9.9e9, "size-sm"), (10e9, "size-md"), (50e9, "size-lg"), (200e9, "size-xl")],
)
def test_size_follows_from_parameters(parameters: float, size: str | None) -> None:
    model = CatalogueModel(
        key="m", name="M", description="d", company="c", region="usa", provider="p", provider_model="m",
        parameters=parameters,
    )  # fmt: skip
    assert model.size == size


def test_wire_form_has_the_derived_fields() -> None:
    model = public_model_by_key("gpt-4o")
    assert model is not None
    wire = model.model_dump(mode="json")
    assert wire["id"] == model.id
    assert wire["released_at"] == model.released_at
    assert wire["cost_per_input_token"] == "0.0000025"
    assert wire["categories"] == ["closed-source", "usa"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("nonsense", "broken.toml is not a valid list of models"),
        ("company = 'X'", "models"),
        ("[[models]]\nkey = 'UPPER'", "key"),
    ],
)
def test_bad_file_is_reported_by_name(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "broken.toml").write_text(text)
    with pytest.raises(ValueError, match=complaint):
        load_models(tmp_path)


def test_key_in_two_files_is_refused(tmp_path: Path) -> None:
    fields = ("name", "description", "company", "provider", "provider_model")
    entry = '[[models]]\nkey = "m"\nregion = "usa"\n' + "".join(f'{field} = "x"\n' for field in fields)
    (tmp_path / "a.toml").write_text(entry)
    (tmp_path / "b.toml").write_text(entry)
    with pytest.raises(ValueError, match=r"b\.toml.*the key m occurs twice"):
        load_models(tmp_path)
