"""Small files of every format, good ones, for the tests to read and to spoil."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from stratix.benchmarks.custom import File

LM_EVAL = """
task: capitals
dataset_path: json
dataset_kwargs: {data_files: {test: data/capitals.jsonl}}
test_split: test
output_type: generate_until
description: "Be short.\\n\\n"
doc_to_text: "Q: {{question.strip()}}\\nA:"
doc_to_target: " {{answer}}"
fewshot_config: {sampler: first_n, samples: [{question: "Capital of Spain?", answer: Madrid}]}
generation_kwargs: {until: ["Q:"], max_gen_toks: 20, do_sample: false, temperature: 0.7, top_p: 0.9}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true, ignore_case: true}]
metadata: {version: 1.0}
"""
LM_EVAL_CHOICE = """
task: opposites
dataset_path: acme/opposites
output_type: multiple_choice
doc_to_text: "The opposite of {{word}}:"
doc_to_choice: "{{options}}"
doc_to_target: gold
metric_list: [{metric: acc}, {metric: acc_norm}]
"""
PROMPTFOO = """
description: Greetings
providers: [openai:gpt-4o]
prompts: ["Say {{word}} in {{language}}."]
defaultTest: {vars: {language: French}}
tests:
- vars: {word: hello}
  assert: [{type: equals, value: bonjour}]
- vars: {word: night, language: [German, Dutch]}
  assert: [{type: icontains, value: na}]
- vars: {word: yes}
  assert: [{type: contains, value: oui}, {type: not-icontains, value: non}]
- vars: {word: "a number as JSON"}
  assert: [{type: is-json, value: {type: object, required: [number]}}]
- vars: {word: five}
  assert: [{type: regex, value: "^cin[qk]$"}]
"""


def jsonl(*rows: Any) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def table(columns: dict[str, Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.table(columns), stream, **options)
    return stream.getvalue()


CAPITALS = File(
    "capitals.jsonl",
    jsonl(
        {"question": "Capital of France? ", "answer": "Paris"},
        {"question": "Capital of Italy?", "answer": "Rome"},
    ),
)
OPPOSITES = File("rows.jsonl", jsonl({"word": "hot", "options": ["cold", "warm"], "gold": 0}))
INSPECT_ROWS = (
    {"id": "a", "input": "Hot or cold: ice?", "target": "B", "choices": ["hot", "cold"]},
    {"id": 7, "input": "Hot or cold: fire?", "target": "A", "choices": ["hot", "cold"], "metadata": {"x": 1}},
)
EVALS_ROWS = (
    {"input": [{"role": "system", "content": "Short."}, {"role": "user", "content": "2+2?"}], "ideal": "4"},
    {"input": [{"role": "user", "content": "Capital of France?"}], "ideal": ["Paris", "paris"], "tag": "geo"},
)
PLAIN = [{"input": "2+2?", "truth": "4"}, {"input": "3+3?", "truth": "6"}]

GOOD: dict[str, tuple[File, tuple[File, ...]]] = {
    "csv": (File("a.csv", b"input,truth,subset\n2+2?,4,sums\n3+3?,6,sums\n"), ()),
    "inspect": (File("a.jsonl", jsonl(*INSPECT_ROWS)), ()),
    "json": (File("a.json", json.dumps(PLAIN).encode()), ()),
    "jsonl": (File("a.jsonl", jsonl(*PLAIN)), ()),
    "lm-eval": (File("a.yaml", LM_EVAL.encode()), (CAPITALS,)),
    "openai-evals": (File("a.jsonl", jsonl(*EVALS_ROWS)), ()),
    "parquet": (File("a.parquet", table({"input": ["2+2?", "3+3?"], "truth": ["4", "6"]})), ()),
    "promptfoo": (File("a.yaml", PROMPTFOO.encode()), ()),
    "tsv": (File("a.tsv", b"input\ttruth\n2+2?\t4\n3+3?\t6\n"), ()),
}
