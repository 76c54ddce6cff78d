"""Models: the public ones, an organisation's custom ones, and the catalogue's entries."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, Tag

from ._base import WireModel
from ._rules import check_api_url, check_extra_payload, check_key, longest
from .paging import Pagination


class Model(WireModel):
    """A model that can be evaluated.

    Attributes:
        id: unique identifier.
        key: unique short name, such as `gpt-4o`.
        name: what people call it.
        description: what it is, in a sentence or two.
    """

    id: str
    key: str
    name: str
    description: str


class PublicModel(Model):
    """A model of the public catalogue, as a project lists it.

    Attributes:
        company: who made it.
        released_at: when it was released (unix seconds, 0 if unknown).
        parameters: number of parameters (0.0 if unknown).
        modality: what it reads and writes, such as `text`.
        context_length: tokens of its context window (0 if unknown).
        architecture_type: such as `transformer` or `moe`.
        license: the licence of its weights, or `proprietary`.
        open_weights: True if its weights can be downloaded.
        region: where its maker is at home, such as `usa`.
        deprecated: True if it should not be chosen any more.
        size: `size-sm`, `-md`, `-lg` or `-xl` by its parameters; "" if unknown.
        provider: key of the provider that serves it.
        max_tokens: most tokens of one answer (0 if unknown).
        cost_per_input_token: dollars, as a decimal string; "" where no list price is known.
        cost_per_output_token: dollars, likewise.
        available: True if it can be asked now: its provider's key is there, or none is needed.
        missing_key: the environment variable that must hold the key, several joined by "or"; "" if it is
            there.
    """

    company: str = ""
    released_at: int = 0
    parameters: float = 0.0
    modality: str = ""
    context_length: int = 0
    architecture_type: str = ""
    license: str = ""
    open_weights: bool = False
    region: str = ""
    deprecated: bool = False
    size: str = ""
    provider: str = ""
    max_tokens: int = 0
    cost_per_input_token: str = ""
    cost_per_output_token: str = ""
    available: bool = True
    missing_key: str = ""


class CustomModel(Model):
    """A model that an organisation added: any OpenAI-compatible endpoint.

    Attributes:
        organization_id: the organisation it belongs to.
        max_tokens: most tokens it may answer with.
        api_url: full URL of its chat completions endpoint.
        disabled: True once it was deleted.
        cost_per_input_token: dollars, as a decimal string; None where nobody has said.
        cost_per_output_token: dollars, as a decimal string; None likewise.
        requests_per_minute: most requests its endpoint allows a minute; None where it sets no limit.
        tokens_per_minute: most tokens, read and written, likewise.
        has_key: True if an API key is sent to it.
        available: True unless it was deleted.
    """

    organization_id: str
    max_tokens: int = 0
    api_url: str = ""
    disabled: bool = False
    cost_per_input_token: str | None = None
    cost_per_output_token: str | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    has_key: bool = False
    available: bool = True


class CatalogueModel(Model):
    """A model of the public catalogue with all that is known of it; None is unknown.

    Attributes:
        company: who made it.
        created_at: when it entered the catalogue (unix seconds).
        released_at: when it was released (unix seconds).
        parameters: number of parameters.
        modality: what it reads and writes, such as `text`.
        context_length: tokens of its context window.
        architecture_type: such as `transformer` or `moe`.
        license: the licence of its weights, or `proprietary`.
        open_weights: True if its weights can be downloaded.
        region: where its maker is at home, such as `usa`.
        key_takeaways: what its evaluations have shown.
        deprecated: True if it should not be chosen any more.
        cost_per_input_token: dollars, as a decimal string.
        cost_per_output_token: dollars, as a decimal string.
    """

    description: str = ""
    company: str | None = None
    created_at: int | None = None
    released_at: int | None = None
    parameters: float | None = None
    modality: str | None = None
    context_length: int | None = None
    architecture_type: str | None = None
    license: str | None = None
    open_weights: bool | None = None
    region: str | None = None
    key_takeaways: list[str] = Field(default_factory=list)
    deprecated: bool = False
    cost_per_input_token: str | None = None
    cost_per_output_token: str | None = None


def _kind(value: Any) -> str:
    """Tell a custom model or benchmark from a public one: only the former has an organisation."""
    found = (
        value.get("organization_id") if isinstance(value, dict) else getattr(value, "organization_id", None)
    )
    return "custom" if found else "public"


AnyModel = Annotated[
    Annotated[CustomModel, Tag("custom")] | Annotated[PublicModel, Tag("public")], Discriminator(_kind)
]
"""A model as the wire carries it; `organization_id` tells which kind it is."""


class ModelList(WireModel):
    """The models of a project."""

    models: list[AnyModel]


class CatalogueModelList(WireModel):
    """A page of the public catalogue's models, with the values that filters can take.

    Attributes:
        models: the models of this page.
        categories: categories to filter by.
        companies: companies to filter by.
        regions: regions to filter by.
        licenses: licences to filter by.
        sizes: sizes to filter by.
        count: models on this page.
        total_count: models on all pages.
    """

    models: list[CatalogueModel]
    categories: list[str] = Field(default_factory=list)
    companies: list[str] = Field(default_factory=list)
    regions: list[str] = Field(default_factory=list)
    licenses: list[str] = Field(default_factory=list)
    sizes: list[str] = Field(default_factory=list)
    count: int = 0
    total_count: int = 0


class CatalogueModelsResponse(CatalogueModelList):
    """A page of the public catalogue's models, with where it stands among the pages."""

    pagination: Pagination


ApiUrl = Annotated[str, AfterValidator(check_api_url)]
ExtraPayload = Annotated[dict[str, Any], AfterValidator(check_extra_payload)]
# In whole trillionths of a dollar, so that sums of it are exact.
TokenPrice = Annotated[Decimal, Field(ge=0, le=1, decimal_places=12)]
AMinute = Annotated[int, Field(ge=1, le=999_999_999)]


class CustomModelCreate(WireModel):
    """Body of `POST .../custom-models`.

    Attributes:
        name: 1 to 256 characters.
        key: 1 to 256 of lowercase letters, digits, `.`, `-`, `/`; unique.
        description: at most 500 characters.
        api_url: full URL of an OpenAI-compatible chat completions endpoint.
        max_tokens: most tokens it may answer with, from 1.
        api_key: sent to the endpoint as a bearer token; never sent back by the server.
        extra_payload: merged deeply into every request body, where it wins over the defaults; may not
            set `messages`, `model` or `stream`.
        cost_per_input_token: dollars, 0 to 1 with at most 12 decimal places; null where it is not known.
        cost_per_output_token: dollars, likewise.
        requests_per_minute: most requests its endpoint allows a minute; null where it sets no limit.
        tokens_per_minute: most tokens, read and written, likewise.
    """

    name: Annotated[str, AfterValidator(longest(256, least=1))]
    key: Annotated[str, AfterValidator(check_key)]
    description: Annotated[str, AfterValidator(longest(500))] = ""
    api_url: ApiUrl
    max_tokens: int = Field(ge=1)
    api_key: str | None = None
    extra_payload: ExtraPayload | None = None
    cost_per_input_token: TokenPrice | None = None
    cost_per_output_token: TokenPrice | None = None
    requests_per_minute: AMinute | None = None
    tokens_per_minute: AMinute | None = None


class CustomModelUpdate(WireModel):
    """Body of `PATCH .../custom-models/{id}`: changes what is given, leaves what is not.

    Attributes:
        api_url: full URL of an OpenAI-compatible chat completions endpoint.
        api_key: sent to the endpoint as a bearer token.
        max_tokens: most tokens it may answer with, from 1.
        extra_payload: as in `CustomModelCreate`, and so are:
        cost_per_input_token: dollars.
        cost_per_output_token: dollars.
        requests_per_minute: most requests a minute.
        tokens_per_minute: most tokens a minute.
    """

    api_url: ApiUrl | None = None
    api_key: str | None = None
    max_tokens: int | None = Field(None, ge=1)
    extra_payload: ExtraPayload | None = None
    cost_per_input_token: TokenPrice | None = None
    cost_per_output_token: TokenPrice | None = None
    requests_per_minute: AMinute | None = None
    tokens_per_minute: AMinute | None = None


class CreatedModel(WireModel):
    """Answer to the creation of a custom model.

    Attributes:
        organization_id: the organisation it belongs to.
        project_id: the project it was added to.
        model_id: its new id.
    """

    organization_id: str
    project_id: str
    model_id: str
