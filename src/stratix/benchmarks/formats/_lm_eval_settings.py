"""What a task of the Language Model Evaluation Harness says on scoring, generation and few-shot examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stratix.benchmarks.formats.base import Request
from stratix.benchmarks.lines import BadBenchmarkFile

_READ = {
    "doc_to_text",
    "doc_to_target",
    "doc_to_choice",
    "description",
    "dataset_path",
    "dataset_kwargs",
    "test_split",
    "validation_split",
    "output_type",
    "metric_list",
    "filter_list",
    "generation_kwargs",
    "num_fewshot",
    "fewshot_config",
    "fewshot_delimiter",
    "target_delimiter",
    "repeats",
}
# What names or files a task, or serves another purpose than evaluating it.
_WITHOUT_EFFECT = {
    "task",
    "task_alias",
    "tag",
    "group",
    "metadata",
    "dataset_name",
    "training_split",
    "fewshot_split",
    "should_decontaminate",
    "doc_to_decontamination_query",
}
_GENERATION = {"until", "max_gen_toks", "temperature", "do_sample"}
_GREEDY_IGNORES = {"top_p", "top_k"}
_METRICS = {"exact_match": "exact", "acc": "choice", "acc_norm": "choice"}
_AGGREGATIONS = {None, "mean"}
_EXACT_OPTIONS = {"ignore_case", "ignore_punctuation"}


@dataclass(frozen=True, slots=True)
class Shots:
    """Few-shot examples, and what stands between their parts."""

    samples: tuple[Mapping[str, Any], ...] = ()
    delimiter: str = "\n\n"
    target_delimiter: str = " "


def settings(given: Mapping[str, Any], request: Request, findings: list[str]) -> tuple[dict[str, Any], Shots]:
    """Return a task's settings and its few-shot examples.

    Args:
        given: the fields of the YAML.
        request: what the user says; a scorer of theirs stands in for the task's.
        findings: gets a line for what differs from the harness.

    Raises:
        BadBenchmarkFile: a field cannot be carried over; the message names it.
    """
    for name in given:
        if name not in _READ | _WITHOUT_EFFECT:
            raise _refused(f"`{name}`")
    output = given.get("output_type", "generate_until")
    if output not in ("generate_until", "multiple_choice"):
        raise _refused(
            f"`output_type: {output}`", "it needs the likelihood of a text, which chat endpoints do not give"
        )
    if given.get("repeats", 1) != 1:
        raise _refused("`repeats`", "ask for epochs when you evaluate")
    task: dict[str, Any] = {}
    if generation := _generation(given.get("generation_kwargs") or {}):
        task["generation"] = generation
    if request.scorer_chosen:
        if replaced := [name for name in ("metric_list", "filter_list") if given.get(name)]:
            findings.append(f"your scorer stands in for the task's {' and '.join(replaced)}")
    else:
        task["scorer"] = _scorer(given, output == "multiple_choice", findings)
    return task, _shots(given)


def _generation(given: Mapping[str, Any]) -> dict[str, Any]:
    sampled = bool(given.get("do_sample"))
    for name in given:
        if name not in _GENERATION and not (name in _GREEDY_IGNORES and not sampled):
            raise _refused(f"`{name}` in `generation_kwargs`", "the model's extra payload can set it")
    found: dict[str, Any] = {}
    if until := given.get("until"):
        found["stop"] = [until] if isinstance(until, str) else list(until)
    if given.get("max_gen_toks") is not None:
        found["max_tokens"] = given["max_gen_toks"]
    if sampled and given.get("temperature") is None:
        raise _refused("`do_sample` without `temperature` in `generation_kwargs`", "name the temperature")
    if given.get("temperature") is not None:
        found["temperature"] = given["temperature"] if given.get("do_sample", True) else 0.0
    return found


def _scorer(given: Mapping[str, Any], multiple_choice: bool, findings: list[str]) -> dict[str, Any]:
    default = [{"metric": "acc" if multiple_choice else "exact_match"}]
    metrics = [
        {"metric": one} if isinstance(one, str) else one for one in given.get("metric_list") or default
    ]
    first = next((one for one in metrics if one.get("metric") in _METRICS), None)
    if first is None:
        names = ", ".join(str(one.get("metric")) for one in metrics)
        raise _refused(f"the metric {names} of `metric_list`", "choose a scorer (--scorer)")
    if others := [str(one.get("metric")) for one in metrics if one is not first]:
        findings.append(
            f"of the task's metrics {first['metric']} is carried over; not carried over: {', '.join(others)}"
        )
    if first.get("aggregation") not in _AGGREGATIONS:
        raise _refused(f"`aggregation: {first['aggregation']}`", "results are averaged here")
    options = {n: v for n, v in first.items() if n not in {"metric", "aggregation", "higher_is_better"} and v}
    for name in options:
        if name not in _EXACT_OPTIONS or first["metric"] != "exact_match":
            raise _refused(f"`{name}` of the metric {first['metric']}", "choose a scorer (--scorer)")
    pattern = _pattern(given.get("filter_list") or [], findings)
    if first["metric"] != "exact_match":
        if pattern:
            raise _refused("`filter_list` of a choice by likelihood", "take it out")
        return {"name": "choice"}
    ignore_case = bool(options.get("ignore_case"))
    if pattern:
        if "ignore_punctuation" in options:
            raise _refused("`ignore_punctuation` together with `filter_list`", "choose a scorer (--scorer)")
        return {"name": "regex", "options": {**pattern, "ignore_case": ignore_case}}
    punctuation = "all" if options.get("ignore_punctuation") else "none"
    return {"name": "exact", "options": {"ignore_case": ignore_case, "ignore_punctuation": punctuation}}


def _pattern(filters: list[Any], findings: list[str]) -> dict[str, Any]:
    """Return the options of the scorer regex that do what the first filter does; empty for none."""
    if not filters:
        return {}
    if others := [str(one.get("name")) for one in filters[1:]]:
        findings.append(
            f"of the task's filters {filters[0].get('name')} is carried over; not: {', '.join(others)}"
        )
    found: dict[str, Any] = {}
    for step in filters[0].get("filter") or []:
        function = step.get("function")
        if function == "regex" and not found:
            group = step.get("group_select", 0)
            if group not in (0, -1):
                raise _refused(
                    f"`group_select: {group}`", "the first (0) or the last (-1) match can be taken"
                )
            default = r"#### (\-?[0-9\.\,]+)"  # the harness's own
            found = {"pattern": step.get("regex_pattern", default), "take": "last" if group else "first"}
        elif function not in {"take_first", "remove_whitespace"}:
            raise _refused(f"the filter `{function}` of `filter_list`", "choose a scorer (--scorer)")
    return found


def _shots(given: Mapping[str, Any]) -> Shots:
    config = given.get("fewshot_config") or {}
    samples = config.get("samples") or []
    wanted = given.get("num_fewshot")
    if isinstance(samples, list) and samples:
        count = len(samples) if wanted is None else wanted
        if count > len(samples):
            raise BadBenchmarkFile(
                f"`num_fewshot` is {count}, but `fewshot_config` has {len(samples)} samples."
            )
        if config.get("sampler", "first_n") != "first_n" and count < len(samples):
            raise _refused(f"`sampler: {config['sampler']}`", "first_n can be carried over")
        samples = samples[:count]
    elif wanted:
        raise _refused(
            f"`num_fewshot: {wanted}` with examples drawn from a split",
            "write them out in `fewshot_config: {sampler: first_n, samples: [...]}`, or set it to 0",
        )
    elif samples:
        raise _refused("`samples` of `fewshot_config` that are no list")
    return Shots(
        tuple(samples),
        str(given.get("fewshot_delimiter", "\n\n")),
        str(given.get("target_delimiter", " ")),
    )


def _refused(what: str, instead: str = "take it out, or carry it over by hand") -> BadBenchmarkFile:
    return BadBenchmarkFile(f"The task cannot be carried over: {what} is not supported; {instead}.")
