"""From a prompt and its benchmark's settings to the chat messages a model is sent."""

from __future__ import annotations

import json
import re
from typing import Any

from stratix.benchmarks.base import Prompt, Task

# `{{name}}` is the text `{name}`; other braces are text as they are. One pass over the template
# alone, so braces inside a prompt are never looked at.
_PLACEHOLDER = re.compile(r"\{\{([A-Za-z_]\w*)\}\}|\{([A-Za-z_]\w*)\}")


class BadTemplate(ValueError):  # reads as what happened: "except BadTemplate"
    """A template has a placeholder that the prompt cannot fill; the message names both."""


def placeholders(template: str) -> list[str]:
    """Return the names a template wants filled, in order, each once."""
    return list(dict.fromkeys(match[2] for match in _PLACEHOLDER.finditer(template) if match[2]))


def render(task: Task, prompt: Prompt) -> list[dict[str, Any]]:
    """Return the chat messages that put a prompt to a model.

    A text goes through the task's template. A message list is sent as it is, and so are the `messages`
    of a JSON object; an object without any is sent as its JSON text, through the template. The task's
    system message comes first unless the prompt brings its own, and the worked examples of the prompt's
    subset come before a question that goes through the template.

    Raises:
        BadTemplate: the template has a placeholder that is neither `{input}`, `{choices}`, `{subset}`
            nor a name in the prompt's metadata.
    """
    given = prompt.input.get("messages") if isinstance(prompt.input, dict) else prompt.input
    if isinstance(given, list):
        messages = [dict(message) for message in given]
    else:
        messages = _worked(task, prompt.subset)
        messages.append({"role": "user", "content": fill(task.template, prompt)})
    if task.system and not any(message.get("role") in {"system", "developer"} for message in messages):
        messages.insert(0, {"role": "system", "content": task.system})
    return messages


def request_fields(prompt: Prompt) -> dict[str, Any]:
    """Return what a prompt that is a piece of a request sets besides its messages (`tools`, `stop`, ...)."""
    if not isinstance(prompt.input, dict) or "messages" not in prompt.input:
        return {}
    return {name: value for name, value in prompt.input.items() if name != "messages"}


def _worked(task: Task, subset: str) -> list[dict[str, Any]]:
    messages = []
    for example in task.examples_of(subset):
        shown = Prompt("", example.input, example.truth, subset, (), example.choices, example.metadata)
        messages.append({"role": "user", "content": fill(task.template, shown)})
        messages.append({"role": "assistant", "content": example.reply or f"Answer: {example.truth}"})
    return messages


def fill(template: str, prompt: Prompt) -> str:
    """Return a template with what it wants of a prompt in place.

    Raises:
        BadTemplate: it wants what the prompt does not have.
    """
    values = dict(prompt.metadata)
    values["input"] = prompt.input
    values["choices"] = "\n".join(f"{letter(i)}. {text}" for i, text in enumerate(prompt.choices))
    values["subset"] = prompt.subset

    def replace(match: re.Match[str]) -> str:
        if match[1]:
            return f"{{{match[1]}}}"
        if match[2] not in values:
            raise BadTemplate(
                f"The template wants {{{match[2]}}}, which prompt {prompt.id} does not have. "
                f"It can fill: {', '.join(sorted(values))}."
            )
        return _text(values[match[2]])

    return _PLACEHOLDER.sub(replace, template)


def letter(index: int) -> str:
    """Return the letter of an option by its index from 0: A to Z, then AA, AB, ..."""
    return (letter(index // 26 - 1) if index >= 26 else "") + chr(ord("A") + index % 26)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
