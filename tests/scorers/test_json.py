"""JSON in answers is found, checked against schemas, and compared field by field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from stratix.scorers import Target
from stratix.scorers._json import NoJson, find_json
from stratix.scorers.json_match import JsonMatch
from stratix.scorers.json_schema import JsonSchema

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
ADA = {"name": "Ada", "age": 36}


ONE = {"a": 1}
FOUND: list[tuple[str, Any]] = [
    # the whole answer
    ('{"a": 1}', ONE),
    (' {"a": 1}\n', ONE),
    ('\ufeff{"a": 1}', ONE),
    ('{\n  "a": 1\n}', ONE),
    (" [1, 2]\n", [1, 2]),
    ("[]", []),
    ("42", 42),
    ("-1.5e3", -1500.0),
    ("true", True),
    ('"Paris"', "Paris"),
    ('{"a": "say \\"hi\\" {x}"}', {"a": 'say "hi" {x}'}),
    ('{"a": "é ü 東"}', {"a": "é ü 東"}),
    ('{"a": {"b": {"c": [1, {"d": 2}]}}}', {"a": {"b": {"c": [1, {"d": 2}]}}}),
    # fenced
    ('```json\n{"a": 1}\n```', ONE),
    ('```JSON\n{"a": 1}\n```', ONE),
    ('``` json\n{"a": 1}\n```', ONE),
    ('```json5\n{"a": 1}\n```', ONE),
    ('```\n{"a": 1}\n```', ONE),
    ("```json\n[1, 2]\n```", [1, 2]),
    ('```json\n\n{"a":\n1}\n\n```\n', ONE),
    ('Here it is:\n```json\n{"a": 1}\n```\nAnything else?', ONE),
    ('The source is [1].\n```json\n{"a": 1}\n```\nSee also [2, 3].', ONE),
    ('```json\n{"a": 0}\n```\nBetter:\n```json\n{"a": 1}\n```', ONE),
    ('```json\n{"a": 1}\n```\nRun it:\n```bash\ncurl x\n```', ONE),
    ('```json\n{"a": 1}', ONE),
    ('```python\nprint({})\n```\n{"a": 1}', ONE),
    # in prose
    ('Sure! {"a": {"b": [1]}} is it.', {"a": {"b": [1]}}),
    ('Answer: {"a": 1}', ONE),
    ('{"a": 1}\n\nI left out the rest.', ONE),
    ('**{"a": 1}**', ONE),
    ('`{"a": 1}`', ONE),
    ('<answer>{"a": 1}</answer>', ONE),
    ('json\n{"a": 1}', ONE),
    ("\\boxed{[3, 4]}", [3, 4]),
    ('I fill {name} like so: {"a": 1}', ONE),
    ('As [1] says, the record is {"a": 1}.', ONE),
    ('The record is {"a": 1}, as [1] and [2] say.', ONE),
    ('The set {1, 2} gives {"a": 1}', ONE),
    ("The list is [3, 1, 2].", [3, 1, 2]),
    ("First [3, 1, 2], then sorted: [1, 2, 3]", [1, 2, 3]),
    ('Draft: {"a": 0}\nFinal: {"a": 1}', ONE),
    ('First {"a": 0}, no, {"a": 1}.', ONE),
    (
        '{"name": "Ada", "born": 1815, "died": 1852}\nAll fields but {"a": 1} are known.',
        {"name": "Ada", "born": 1815, "died": 1852},
    ),
    ('It was {"a": 1,} which is wrong.\n\nFixed: {"a": 1}', ONE),
    ('[{"a": 1}, {"a": 2}]', [{"a": 1}, {"a": 2}]),
    ('The rows: [{"a": 1}, {"a": 2}] in all.', [{"a": 1}, {"a": 2}]),
    # none
    ('{"a": 1', None),
    ('{"a": {"b": 1}', None),
    ('[{"a": 1}, {"a": 2}', None),
    ('The record is {"a": {"b": 1}, "c": ', None),
    ('{"a": 1,}', None),
    ('{"a": 1} // done\n{', ONE),
    ('{"a": /* one */ 1}', None),
    ("{'a': 1}", None),
    ("{a: 1}", None),
    ("{“a”: 1}", None),
    ('{"a": NaN}', None),
    ('{"a": Infinity}', None),
    ('{"a": None}', None),
    ('{"a": 01}', None),
    ("name: Ada\nage: 36", None),
    ("<a>1</a>", None),
    ("Paris", None),
    ("no", None),
    ("", None),
    ("[" * 100_000 + '{"a": 1}', None),
]


def test_table_is_long_enough() -> None:
    assert len(FOUND) >= 60


@pytest.mark.parametrize(("answer", "value"), FOUND)
def test_json_is_found(answer: str, value: Any) -> None:
    if value is None:
        with pytest.raises(NoJson):
            find_json(answer)
    else:
        assert find_json(answer) == value


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_every_value_is_found_again_and_matches_itself(value: Any) -> None:
    text = json.dumps(value)
    assert find_json(f"```json\n{text}\n```") == value
    assert JsonMatch().score(text, Target(text)).verdict == "correct"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ('{"name": "Ada", "age": 36}', "correct"),
        ('The person is ```json\n{"name": "Ada", "age": 36}\n```', "correct"),
        ('{"name": "Ada"}', "incorrect"),
        ('{"name": "Ada", "age": "36"}', "incorrect"),
        ('{"name": "Ada", "age": -1}', "incorrect"),
        ('{"name": "Ada", "age": 36, "job": "none"}', "incorrect"),
        ("Ada is 36.", "unparsed"),
    ],
)
def test_schema(answer: str, verdict: str) -> None:
    targets = [Target(json.dumps(SCHEMA)), Target("", metadata={"schema": SCHEMA})]
    assert {JsonSchema().score(answer, target).verdict for target in targets} == {verdict}
    assert JsonSchema(schema=SCHEMA).score(answer, Target("whatever")).verdict == verdict


def test_schema_explains_what_is_wrong() -> None:
    assert "36" in JsonSchema(schema=SCHEMA).score('{"name": "Ada", "age": "36"}', Target("")).explanation


def test_bad_schema_is_an_error() -> None:
    with pytest.raises(ValueError, match="not a JSON schema"):
        JsonSchema(schema={"type": "strange"})
    with pytest.raises(ValueError, match="the truth is not a JSON schema"):
        JsonSchema().score("{}", Target("Paris"))
    with pytest.raises(ValueError, match="a JSON schema is an object"):
        JsonSchema().score("{}", Target("3"))


def test_references_elsewhere_are_not_fetched() -> None:
    scorer = JsonSchema(schema={"$ref": "http://127.0.0.1:9/schema.json"})
    with pytest.raises(Exception, match=r"Unresolvable"):
        scorer.score("{}", Target(""))


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ('{"name": "Ada", "age": 36}', 1.0),
        ('{"age": 36.0, "name": "Ada"}', 1.0),
        ('{"name": "Ada", "age": 36, "job": "none"}', 1.0),
        ('{"name": "Ada"}', 0.5),
        ('{"name": "ada", "age": 36}', 0.5),
        ('{"name": "Ada", "age": "36"}', 0.5),
        ('{"name": "Bob", "age": true}', 0.0),
        ("[1]", 0.0),
    ],
)
def test_share_of_fields(answer: str, value: float) -> None:
    assert JsonMatch().score(answer, Target(json.dumps(ADA))).value == value


def test_match_options() -> None:
    truth = json.dumps({"name": "Ada", "at": {"city": "London", "no": 1}})
    assert JsonMatch(fields=("at.city",)).score('{"at": {"city": "London"}}', Target(truth)).value == 1.0
    assert JsonMatch(fields=("name", "at.no")).score('{"name": "Ada"}', Target(truth)).value == 0.5
    assert JsonMatch(ignore_case=True).score('"ada "', Target('"Ada"')).value == 1.0
    assert JsonMatch(tolerance=0.1).score("[1.05, true]", Target("[1, true]")).value == 1.0
    assert JsonMatch(extra_fields=False).score('{"a": 1, "b": 2}', Target('{"a": 1}')).value == 0.0
    assert JsonMatch().score('{"a": 1}', Target('{"b": 1}', aliases=('{"a": 1}',))).value == 1.0


def test_dots_in_names_are_names_where_no_paths_are_given() -> None:
    assert JsonMatch().score('{"a.b": 1}', Target('{"a.b": 1}')).value == 1.0


def test_match_errors() -> None:
    assert JsonMatch().score("nothing", Target("{}")).verdict == "unparsed"
    with pytest.raises(ValueError, match="the truth is not JSON"):
        JsonMatch().score("{}", Target("{"))
    with pytest.raises(ValueError, match="the truth has no field b"):
        JsonMatch(fields=("b",)).score("{}", Target('{"a": 1}'))


CLOSED = {"properties": {"a": {}}, "patternProperties": {"^n": {}}, "additionalProperties": False}
PATTERNS = [
    ({"type": "string", "pattern": "^a+$"}, "aaa", True),
    ({"type": "string", "pattern": "^a+$"}, "aab", False),
    ({"pattern": "^a+$"}, 3, True),
    ({"patternProperties": {"^n_": {"type": "number"}}}, {"n_a": 1, "b": "x"}, True),
    ({"patternProperties": {"^n_": {"type": "number"}}}, {"n_a": "1"}, False),
    (CLOSED, {"nb": 2}, True),
    (CLOSED, {"a": 2}, True),
    (CLOSED, {"c": 1}, False),
    ({"properties": {"a": {}}, "additionalProperties": {"type": "number"}}, {"a": "x", "c": 1}, True),
    ({"properties": {"a": {}}, "additionalProperties": {"type": "number"}}, {"c": "x"}, False),
    ({"additionalProperties": True}, {"c": "x"}, True),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "valid"), PATTERNS)
def test_pattern_keywords_mean_what_the_standard_says(
    schema: dict[str, Any], value: Any, valid: bool
) -> None:
    assert Draft202012Validator(schema).is_valid(value) is valid
    score = JsonSchema(schema=schema).score(json.dumps(value), Target(""))
    assert (score.value == 1.0) is valid


HOSTILE = "(?:a|aa)+$"


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": HOSTILE}, "a" * 60 + "!"),
        ({"patternProperties": {HOSTILE: {}}}, {"a" * 60 + "!": 1}),
        ({"patternProperties": {HOSTILE: {}}, "additionalProperties": False}, {"a" * 60 + "!": 1}),
    ],
)
def test_a_pattern_without_end_is_given_up(schema: dict[str, Any], value: Any) -> None:
    with pytest.raises(TimeoutError):
        JsonSchema(schema=schema).score(json.dumps(value), Target(""))


def test_what_cannot_be_bounded_is_refused() -> None:
    schema = {"allOf": [{"patternProperties": {"a": {}}}], "unevaluatedProperties": False}
    with pytest.raises(ValueError, match="unevaluatedProperties"):
        JsonSchema(schema=schema)
