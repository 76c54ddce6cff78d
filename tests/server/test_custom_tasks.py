"""The fuller form of custom benchmarks over HTTP: scorers, settings, mappings, formats and dry runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, select
from tests.benchmarks.files import CAPITALS, LM_EVAL, PROMPTFOO, jsonl

from layerlens.models import BenchmarkPreview, StatusEnvelope
from stratix.storage.tables import benchmark_versions, custom_benchmarks, prompts, uploads

ROWS = jsonl({"input": "2+2?", "truth": "4"}, {"input": "3+3?", "truth": "6", "subset": "sums"})
QUIZ = b"question,answer\nCapital of France?,Paris\n"


def create(us: Any, file: str, **changed: Any) -> Any:
    body = {"name": "Mine", "description": "D", "file": file} | changed
    return us.http.post(f"{us.project}/custom-benchmarks", json=body)


def stored(us: Any, benchmark_id: str) -> Any:
    async def work(connection: Any) -> Any:
        query = select(benchmark_versions).where(benchmark_versions.c.benchmark_id == benchmark_id)
        return (await connection.execute(query)).one()

    return us.server.write(work)


def counts(us: Any) -> list[Any]:
    async def work(connection: Any) -> list[Any]:
        tables = (custom_benchmarks, benchmark_versions, prompts, uploads)
        return [await connection.scalar(select(func.count()).select_from(table)) for table in tables]

    found: list[Any] = us.server.write(work)
    return found


@pytest.mark.parametrize(
    "choice",
    [
        ["numeric"],
        [{"name": "numeric"}],
        [{"id": "numeric", "options": {}}],
    ],
)
def test_scorers_by_name_or_with_options(us: Any, choice: list[Any]) -> None:
    answer = create(us, us.upload(ROWS), custom_scorers=choice).json()
    task = stored(us, answer["data"]["benchmark_id"]).task
    assert task["scorer"] == {"name": "numeric", "options": {}}


def test_a_whole_task_is_pinned_with_the_version(us: Any) -> None:
    task = {
        "template": "Reckon: {input}",
        "system": "Be exact.",
        "scorer": {"name": "numeric", "options": {"tolerance": 0.5}},
        "subset_scorers": {"sums": {"name": "exact"}},
        "generation": {"max_tokens": 9, "temperature": 0.5, "stop": ["\n"]},
    }
    answer = create(us, us.upload(ROWS), task=task).json()
    assert answer["data"]["findings"] == []
    shown = us.get(f"{us.project}/benchmarks/{answer['data']['benchmark_id']}")["data"]
    assert (shown["system_prompt"], shown["scoring_metric"]) == ("Be exact.", "numeric")
    assert "regex_pattern" not in shown
    version = stored(us, answer["data"]["benchmark_id"])
    kept = {name: version.task[name] for name in task}
    task["subset_scorers"] = {"sums": {"name": "exact", "options": {}}}
    assert kept == task


@pytest.mark.parametrize(
    ("name", "options", "field"),
    [
        ("regex", {"pattern": r"= (\d+)"}, "regex_pattern"),
        ("rubric", {"rubric": "Is it polite?"}, "custom_instructions"),
    ],
)
def test_a_benchmark_shows_what_its_scorer_goes_by(
    us: Any, name: str, options: dict[str, str], field: str
) -> None:
    scorer = {"name": name, "options": options}
    benchmark_id = create(us, us.upload(ROWS), custom_scorers=[scorer]).json()["data"]["benchmark_id"]
    (shown,) = us.get(f"{us.project}/benchmarks", type="custom")["data"]["datasets"]
    assert shown == us.get(f"{us.project}/benchmarks/{benchmark_id}")["data"]
    told = {"regex_pattern", "custom_instructions"} & shown.keys()
    assert (shown["scoring_metric"], told, shown[field]) == (name, {field}, *options.values())


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"custom_scorers": ["scorer-17"]}, "custom_scorers: there is no scorer 'scorer-17'; there are: "),
        (
            {"custom_scorers": [{"name": "numeric", "options": {"x": 1}}]},
            "custom_scorers: the scorer 'numeric' has",
        ),
        ({"custom_scorers": [{"options": {}}]}, "custom_scorers"),
        ({"custom_scorers": ["exact", "numeric"]}, "custom_scorers: name one scorer"),
        (
            {"custom_scorers": ["exact"], "task": {"scorer": {"name": "numeric"}}},
            "custom_scorers: names another",
        ),
        ({"task": {"scorer": {"name": "guess"}}}, "task.scorer: there is no scorer 'guess'"),
        ({"task": {"scorer": "exact"}}, "task.scorer"),
        (
            {"task": {"scorer": {"name": "regex", "options": {"pattern": "("}}}},
            "task.scorer: the scorer 'regex'",
        ),
        (
            {"task": {"subset_scorers": {"none": {"name": "exact"}}}},
            "task.subset_scorers: there is no subset 'none'",
        ),
        (
            {"task": {"subset_scorers": {"sums": {"name": "no"}}}},
            "task.subset_scorers.sums: there is no scorer",
        ),
        ({"task": {"judged_scorer": {"name": "no"}}}, "task.judged_scorer: there is no scorer"),
        ({"task": {"generation": {"max_tokens": 0}}}, "task.generation.max_tokens"),
        ({"task": {"generation": {"temperature": 3}}}, "task.generation.temperature"),
        ({"task": {"templates": "x"}}, "task.templates: Extra inputs are not permitted"),
        ({"task": {"template": "{input} {city}"}}, "task.template: The template wants {city}"),
        ({"task": "x"}, "task"),
        ({"mapping": {"question": "input"}}, "mapping.question"),
        ({"mapping": {"input": "nowhere"}}, "file: The mapping names the column 'nowhere'"),
        ({"format": "xls"}, "format: there is none 'xls'; there are: csv, inspect, "),
        ({"format": "lm-eval"}, "file: prompts.jsonl is not YAML"),
        ({"data": ["never-uploaded"]}, "data: no file 'never-uploaded'"),
        ({"data": [str(n) for n in range(30)]}, "data: at most 20 files"),
    ],
    ids=str,
)
def test_bad_settings_are_named_and_nothing_stays(us: Any, changed: dict[str, Any], message: str) -> None:
    file = us.upload(ROWS)
    before = counts(us)
    answer = create(us, file, **changed)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith(message)
    assert counts(us) == before
    assert create(us, file).status_code == 200, "the file is still there for the next try"


@pytest.mark.parametrize(
    ("task", "finding"),
    [
        (
            {"scorer": {"name": "numeric"}},
            "1 of the first 2 truths are not right under their own scorer (numeric)",
        ),
        ({"scorer": {"name": "choice"}}, "2 of the first 2 truths"),
        ({"template": "What?"}, "the template does not show {input}"),
        ({"template": "{input} {choices}"}, "the template shows {choices}, and some prompts have none"),
    ],
)
def test_what_is_doubtful_is_said(us: Any, task: dict[str, Any], finding: str) -> None:
    rows = jsonl({"input": "Four?", "truth": "4"}, {"input": "Colour?", "truth": "green"})
    answer = create(us, us.upload(rows), task=task).json()
    assert [one for one in answer["data"]["findings"] if one.startswith(finding)]
    assert finding in stored(us, answer["data"]["benchmark_id"]).source


def test_a_table_is_mapped_and_it_is_said(us: Any) -> None:
    answer = create(us, us.upload(QUIZ, "quiz.csv")).json()
    said = "columns: input from `question`; truth from `answer`"
    assert answer["data"]["findings"] == [said]
    version = stored(us, answer["data"]["benchmark_id"])
    assert version.source == f"uploaded file quiz.csv, csv\n{said}"
    assert us.get(f"{us.project}/benchmarks/{answer['data']['benchmark_id']}")["data"]["files"] == [
        "quiz.csv"
    ]


def test_a_table_in_doubt_lists_its_columns(us: Any) -> None:
    answer = create(us, us.upload(b"a,b\n1,2\n", "quiz.csv"))
    assert answer.status_code == 422
    assert "The columns are `a`, `b`. Say which is what in `mapping`" in answer.json()["error"]["message"]


def test_bad_rows_of_a_table_are_listed(us: Any) -> None:
    answer = create(us, us.upload(b"input,truth\nq,t\nq\n,t\n", "quiz.csv"))
    error = answer.json()["error"]
    assert [line["line"] for line in error["lines"]] == [3, 4]
    assert error["more"] == 0


def test_a_dry_run_shows_all_and_makes_nothing(us: Any) -> None:
    file = us.upload(PROMPTFOO.encode(), "promptfoo.yaml")
    before = counts(us)
    answer = create(us, file, dry_run=True)
    shown = StatusEnvelope[BenchmarkPreview].model_validate(answer.json()).data
    assert (shown.format, shown.prompt_count) == ("promptfoo", 6)
    assert [(p.id, p.messages, p.truth, p.subset, p.scorer) for p in shown.prompts][:2] == [
        ("1", [{"role": "user", "content": "Say hello in French."}], "bonjour", "equals", "exact"),
        ("2.1", [{"role": "user", "content": "Say night in German."}], "na", "icontains", "includes"),
    ]
    assert set(shown.task["subset_scorers"]) == {"equals", "icontains", "pattern", "json"}
    assert counts(us) == before
    assert create(us, file).status_code == 200


def test_a_dry_run_does_not_use_up_the_idempotency_key(us: Any) -> None:
    body = {"name": "Mine", "file": us.upload(ROWS), "dry_run": True}
    path, key = f"{us.project}/custom-benchmarks", {"Idempotency-Key": "once"}
    assert us.http.post(path, json=body, headers=key).status_code == 200
    made = us.http.post(path, json=body | {"dry_run": False}, headers=key)
    again = us.http.post(path, json=body | {"dry_run": False}, headers=key)
    assert made.json() == again.json()
    assert made.json()["data"]["benchmark_id"]


def test_data_files_go_with_the_file(us: Any) -> None:
    data = us.upload(CAPITALS.content, CAPITALS.name)
    file = us.upload(LM_EVAL.encode(), "task.yaml")
    missing = create(us, file)
    assert missing.status_code == 422
    assert "give capitals.jsonl along, by `data`" in missing.json()["error"]["message"]
    before = counts(us)
    made = create(us, file, data=[data])
    assert made.status_code == 200, made.text
    assert counts(us)[-1] == before[-1] - 2, "both uploads are used up"
    found = us.get(f"{us.project}/benchmarks/{made.json()['data']['benchmark_id']}")["data"]
    assert (found["files"], found["prompt_count"]) == (["task.yaml", "capitals.jsonl"], 2)


def test_equal_rows_and_settings_have_an_equal_version(us: Any) -> None:
    table = json.dumps([json.loads(line) for line in ROWS.splitlines()]).encode()
    same = [create(us, us.upload(ROWS)), create(us, us.upload(table, "rows.json"))]
    other = create(us, us.upload(ROWS), task={"system": "Be exact."})
    versions = [stored(us, one.json()["data"]["benchmark_id"]).version for one in [*same, other]]
    assert versions[0] == versions[1] != versions[2]
