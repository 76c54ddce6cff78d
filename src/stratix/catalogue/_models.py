"""Public models: what is known of each, and which provider serves it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field

from stratix.catalogue._ids import stable_id

_FOLDER = Path(__file__).parent / "models"

Price = Annotated[Decimal, Field(ge=0)]


class CatalogueModel(BaseModel):
    """One public model, as its company's file in `catalogue/models/` states it.

    What nobody published is absent: `parameters` 0.0, `released_at` 0, the rest None or "".

    Attributes:
        key: unique name in lowercase letters, digits, `.`, `-` and `/`.
        name: the name people use.
        description: one or two sentences for a reader who chooses a model.
        company: who made it, which need not be who serves it.
        region: the country of the company, lowercase.
        released: the day it became available.
        parameters: number of parameters in all, of a mixture of experts too.
        modality: what it reads, joined by `+`: `text`, `text+image`, ...
        context_length: tokens of prompt and answer together.
        architecture_type: `transformer` (dense), `moe` (mixture of experts), or "" where undisclosed.
        license: SPDX identifier or the licence's own name; `Proprietary` for closed models.
        open_weights: True if the weights can be downloaded.
        deprecated: True if its provider has retired it or announced that it will.
        input_price: list price in US dollars for a million input tokens.
        output_price: list price in US dollars for a million output tokens.
        provider: key of the provider in `providers.toml` that serves it.
        provider_model: the name the provider's API wants.
        max_tokens: the most tokens of one answer that the provider allows.
        token_parameter: the field of the request that carries the token limit.
        fixed_temperature: True if the provider refuses any temperature but its default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9./-]*$", max_length=256)
    name: str = Field(min_length=1, max_length=256)
    description: str = Field(min_length=1, max_length=500)
    company: str
    region: str = Field(pattern=r"^[a-z][a-z ]*$")
    released: date | None = Field(default=None, exclude=True)
    parameters: float = Field(default=0.0, ge=0)
    modality: str = Field(default="text", pattern=r"^text(\+image)?(\+audio)?(\+video)?$")
    context_length: int | None = Field(default=None, gt=0)
    architecture_type: Literal["transformer", "moe", ""] = ""
    license: str = "Proprietary"
    open_weights: bool = False
    deprecated: bool = False
    input_price: Price | None = Field(default=None, exclude=True)
    output_price: Price | None = Field(default=None, exclude=True)
    provider: str
    provider_model: str
    max_tokens: int | None = Field(default=None, gt=0)
    token_parameter: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"  # noqa: S105  # the name of a field
    fixed_temperature: bool = False

    @computed_field  # type: ignore[prop-decorator]  # mypy has no support for decorators above property
    @property
    def id(self) -> str:
        """The stable id, derived from the key."""
        return stable_id("model", self.key)

    @computed_field  # type: ignore[prop-decorator]  # likewise
    @property
    def released_at(self) -> int:
        """Midnight UTC of the release day in Unix seconds; 0 where it is not known."""
        if self.released is None:
            return 0
        return int(
            datetime(self.released.year, self.released.month, self.released.day, tzinfo=UTC).timestamp()
        )

    @computed_field  # type: ignore[prop-decorator]  # likewise
    @property
    def cost_per_input_token(self) -> str | None:
        """US dollars for one input token as a decimal string; None where no list price is known."""
        return _per_token(self.input_price)

    @computed_field  # type: ignore[prop-decorator]  # likewise
    @property
    def cost_per_output_token(self) -> str | None:
        """US dollars for one output token as a decimal string; None where no list price is known."""
        return _per_token(self.output_price)

    @computed_field  # type: ignore[prop-decorator]  # likewise
    @property
    def size(self) -> str | None:
        """`size-sm` under 10 billion parameters, `-md` under 50, `-lg` under 200, else `-xl`; or None."""
        if not self.parameters:
            return None
        billions = self.parameters / 1e9
        return (
            "size-sm"
            if billions < 10
            else "size-md"
            if billions < 50
            else "size-lg"
            if billions < 200
            else "size-xl"
        )

    @computed_field  # type: ignore[prop-decorator]  # likewise
    @property
    def categories(self) -> tuple[str, ...]:
        """What the model can be filtered by: architecture, openness, region and size."""
        openness = "open-source" if self.open_weights else "closed-source"
        derived = (self.architecture_type, openness, self.region, self.size)
        return tuple(category for category in derived if category)


def _per_token(price_per_million: Decimal | None) -> str | None:
    return None if price_per_million is None else f"{(price_per_million / 1_000_000).normalize():f}"


def load_models(folder: Path) -> Mapping[str, CatalogueModel]:
    """Read every model file of a folder.

    A file holds a company's models as `[[models]]`; its top-level keys are the defaults of each.

    Returns:
        The models by key, sorted by file and then as they stand in it.

    Raises:
        ValueError: a file is not TOML, a model is not valid, or a key occurs twice.
    """
    models: dict[str, CatalogueModel] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            defaults = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
            for entry in defaults.pop("models"):
                model = CatalogueModel.model_validate(defaults | entry)
                if model.key in models:
                    raise ValueError(f"the key {model.key} occurs twice")
                models[model.key] = model
        except (ValueError, KeyError) as error:
            raise ValueError(f"{path.name} is not a valid list of models: {error}") from error
    return MappingProxyType(models)


@cache
def _public() -> tuple[Mapping[str, CatalogueModel], Mapping[str, CatalogueModel]]:
    by_key = load_models(_FOLDER)
    return by_key, MappingProxyType({model.id: model for model in by_key.values()})


def public_models() -> tuple[CatalogueModel, ...]:
    """Return every public model, in the order of the files; read once and kept."""
    return tuple(_public()[0].values())


def public_model(model_id: str) -> CatalogueModel | None:
    """Return the public model with this id; None if there is none."""
    return _public()[1].get(model_id)


def public_model_by_key(key: str) -> CatalogueModel | None:
    """Return the public model with exactly this key; None if there is none."""
    return _public()[0].get(key)
