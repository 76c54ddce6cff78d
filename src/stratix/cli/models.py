"""`stratix models`: list, get, try, add-custom."""

from __future__ import annotations

import json
import os
import sys
from decimal import Decimal
from typing import Any

import click
from rich.console import RenderableType

from layerlens.models import Model, PublicModel
from stratix.cli._client import connect, find_model
from stratix.cli._errors import Failure, arguments
from stratix.cli._output import Format, command, format_option, make_card, make_table, plain, show
from stratix.cli._trying import tried_out

_PRICE = click.FloatRange(0, 1_000_000)
_A_MINUTE = click.IntRange(1, 999_999_999)


@click.group()
def models() -> None:
    """Look at models, and add your own.

    \b
    Example:
      stratix models list --company openai
    """


@models.command("list")
@click.option("--type", "kind", type=click.Choice(["public", "custom"]), help="One kind only.")
@click.option("--name", help="Part of the name.")
@click.option("--key", help="Part of the key.")
@click.option("--company", "companies", multiple=True, help="Who made it; may be given several times.")
@click.option(
    "--category",
    "categories",
    multiple=True,
    help="Such as open-source or size-sm; may be given several times.",
)
@format_option
def list_(
    kind: Any,
    name: str | None,
    key: str | None,
    companies: tuple[str, ...],
    categories: tuple[str, ...],
    output: Format,
) -> None:
    """List the project's models, custom ones first.

    \b
    Example:
      stratix models list --category open-source --category size-sm
    """
    with connect() as client:
        found = client.models.get(
            type=kind, name=name, key=key, companies=companies or None, categories=categories or None
        )

    def table() -> RenderableType:
        rows = make_table(
            "key",
            "name",
            "company",
            "parameters",
            "context",
            "licence",
            numbers=["parameters", "context"],
            whole=["key"],
        )
        for model in found:
            if isinstance(model, PublicModel):
                context = f"{model.context_length:,}" if model.context_length else ""
                known = (plain(model.company), _size(model.parameters), context, plain(model.license))
            else:
                known = ("(custom)", "", "", "")
            rows.add_row(plain(model.key), plain(model.name), *known)
        return rows

    show(output, found, table)


@models.command()
@click.argument("model")
@format_option
def get(model: str, output: Format) -> None:
    """Show all that is known of a model.

    MODEL is its key or id.

    \b
    Example:
      stratix models get gpt-4o
    """
    with connect() as client:
        found = find_model(client, model)
    show(output, found, lambda: make_card(_card(found)))


@models.command("try")
@click.argument("model")
@click.option("--prompt", help="What it is asked first; without it, for a greeting.")
@format_option
def try_(model: str, prompt: str | None, output: Format) -> None:
    """Send a model a few short requests, and show its real answers and what is odd about its endpoint.

    MODEL is its key or id. These are up to six requests of 256 tokens and less each.

    \b
    Example:
      stratix models try gpt-4o
    """
    with connect() as client, arguments():
        tried = client.models.try_out(find_model(client, model), prompt=prompt)
    if tried is None or not tried.is_over:
        raise Failure("No worker has tried it within 5 minutes: is one running?")
    show(output, tried, lambda: tried_out(tried))
    if tried.status == "failed":
        raise Failure(plain(tried.error))


@models.command("add-custom")
@click.option("--name", required=True, help="What people call it; at most 256 characters.")
@click.option("--key", required=True, help="Lowercase letters, digits, '.', '-' and '/'; unique.")
@click.option("--api-url", required=True, help="Full URL of its chat completions endpoint.")
@click.option("--max-tokens", required=True, type=click.IntRange(min=1), help="Most tokens of an answer.")
@click.option("--description", default="", help="At most 500 characters.")
@click.option(
    "--api-key-env",
    metavar="VAR",
    help="Environment variable that holds the endpoint's key; without it, a terminal asks.",
)
@click.option("--extra-payload", metavar="JSON", help="Object that is merged into every request body.")
@click.option("--input-price", type=_PRICE, help="US dollars for a million tokens it reads; 0 if free.")
@click.option("--output-price", type=_PRICE, help="US dollars for a million tokens it writes; 0 if free.")
@click.option("--requests-per-minute", type=_A_MINUTE, help="Most requests its endpoint allows a minute.")
@click.option("--tokens-per-minute", type=_A_MINUTE, help="Most tokens its endpoint allows a minute.")
@format_option
def add_custom(
    name: str,
    key: str,
    api_url: str,
    max_tokens: int,
    description: str,
    api_key_env: str | None,
    extra_payload: str | None,
    input_price: float | None,
    output_price: float | None,
    requests_per_minute: int | None,
    tokens_per_minute: int | None,
    output: Format,
) -> None:
    """Add a model of your own.

    Any OpenAI-compatible chat completions endpoint will do.

    \b
    Example:
      stratix models add-custom --name "My model" --key my-model --max-tokens 1024 \\
        --api-url http://127.0.0.1:8080/v1/chat/completions --api-key-env MY_MODEL_KEY
    """
    payload = _payload(extra_payload)
    api_key = _api_key(api_key_env)
    with connect() as client, arguments():
        created = client.models.create_custom(
            name=name,
            key=key,
            description=description,
            api_url=api_url,
            max_tokens=max_tokens,
            api_key=api_key or None,
            extra_payload=payload,
            cost_per_input_token=_per_token(input_price),
            cost_per_output_token=_per_token(output_price),
            requests_per_minute=requests_per_minute,
            tokens_per_minute=tokens_per_minute,
        )
    show(
        output,
        created,
        lambda: make_card(
            [
                ("added", key),
                ("id", created.model_id),
                ("next", f"{command()} evaluate run --model {key} --benchmark first-steps --watch"),
            ]
        ),
    )


def _per_token(price: float | None) -> Decimal | None:
    return None if price is None else Decimal(repr(price)) / 1_000_000


def _payload(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        found = json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"is not JSON: {error}", param_hint="--extra-payload") from None
    if not isinstance(found, dict):
        raise click.BadParameter('is no JSON object, such as {"top_p": 0.9}', param_hint="--extra-payload")
    return found


def _api_key(variable: str | None) -> str:
    """Read the endpoint's key from the variable, or from the terminal; never from the command line."""
    if variable:
        if not (found := os.environ.get(variable)):
            raise click.BadParameter(f"the variable {variable} is not set", param_hint="--api-key-env")
        return found
    if not sys.stdin.isatty():
        return ""
    return str(
        click.prompt(
            "API key of the endpoint (empty for none)",
            default="",
            hide_input=True,
            show_default=False,
            err=True,
        )
    )


def _size(parameters: float) -> str:
    """Return a number of parameters as people say it."""
    if not parameters:
        return ""
    return f"{parameters / 1e9:,.4g}B" if parameters >= 1e9 else f"{parameters / 1e6:,.4g}M"


def _card(model: Model) -> list[tuple[str, object]]:
    """Return all fields of a model under readable names."""
    return [(name.replace("_", " "), value) for name, value in model.model_dump(mode="json").items()]
