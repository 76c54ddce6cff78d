"""Code: the program in the answer passes the benchmark's tests."""

from __future__ import annotations

import os
import re
import textwrap
from typing import ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass

from stratix.scorers import _sandbox
from stratix.scorers._options import STRICT
from stratix.scorers.base import Score, Scorer, Target

_ALLOW = "STRATIX_ALLOW_UNISOLATED_CODE"
_FENCE = re.compile(
    r"^[ \t]*```[ \t]*(?P<language>[\w+-]*)[^\n]*\n(?P<block>.*?)(?:^[ \t]*```|\Z)", re.DOTALL | re.MULTILINE
)
_PYTHON = frozenset({"", "python", "python3", "py", "py3"})
_START = r"^(?:import |from \w|def |async def |class |@\w|[A-Z][A-Z\d_]* *= *\S)"
# An unindented line that opens with none of these is prose behind the code.
_CODE_LINE = re.compile(
    r"(?:import|from|def|async|class|if|for|while|with|assert|return) |try:|print\(|[@#)\]}]|\w+\s*[=(\[]"
)
_STOPS = re.compile(r"\n(?:class |def |#|if |print\(|assert |```)")
_LOOKS_LIKE_CODE = re.compile(
    r"^\s*(?:(?:def|class|for|while|if)\b.*:|return\b.*|import\b.*|\w+\s*=[^=].*|[\[({].*)$|```", re.MULTILINE
)


def programs(answer: str, prompt: str, entry_point: str) -> list[str]:
    """Return the readings of an answer as a whole program, the likeliest first.

    A fenced block that defines the entry point is the program, the last of several; without fences the text
    from its first line of code on. A text that does not define it continues the prompt, as a base model
    does, with the indentation it lost put back and what it went on to write cut off.

    Args:
        answer: the model's text.
        prompt: the code the model was given: imports, helpers, signature and docstring; "" for none.
        entry_point: the function the tests call; "" where any program is meant.
    """
    blocks = [m["block"] for m in _FENCE.finditer(answer) if m["language"].lower() in _PYTHON]
    defining = [block for block in map(textwrap.dedent, blocks) if _defines(block, entry_point)]
    if defining:
        return [_preamble(prompt, entry_point) + defining[-1]]
    if blocks:
        return _readings(max(blocks, key=len), prompt, entry_point)
    return _readings(answer, prompt, entry_point)


def _readings(text: str, prompt: str, entry_point: str) -> list[str]:
    start = re.search(
        rf"{_START}|^{re.escape(entry_point)}\s*=" if entry_point else _START, text, re.MULTILINE
    )
    if start and _defines(text[start.start() :], entry_point):
        code = text[start.start() :]
        preamble = _preamble(prompt, entry_point)
        return [preamble + code, preamble + _without_prose(code)]
    if not prompt:
        return [text, _without_prose(text)]
    bodies = []
    for body in (text.lstrip("\n").rstrip(), _STOPS.split(text.strip("\n"), maxsplit=1)[0]):
        first, _, others = body.partition("\n")
        if first.startswith((" ", "\t")):
            bodies.append(body)
        else:
            bodies += [f"    {first}\n{others}", textwrap.indent(body, "    "), body]
    return [f"{prompt.rstrip()}\n{body}\n" for body in bodies]


def _defines(code: str, name: str) -> bool:
    if not name:
        return True
    return (
        re.search(
            rf"^(?:(?:async\s+)?def\s+{re.escape(name)}\s*\(|{re.escape(name)}\s*=)", code, re.MULTILINE
        )
        is not None
    )


def _preamble(prompt: str, entry_point: str) -> str:
    """Return what the prompt holds before the entry point: its imports and helpers."""
    found = (
        re.search(rf"^(?:async\s+)?def\s+{re.escape(entry_point)}\s*\(", prompt, re.MULTILINE)
        if entry_point
        else None
    )
    return prompt[: found.start()] if found else ""


def _without_prose(code: str) -> str:
    """Return the code up to the first unindented line that is none."""
    lines = code.splitlines()
    for number, line in enumerate(lines):
        if line.strip() and not line[0].isspace() and not _CODE_LINE.match(line):
            return "\n".join(lines[:number])
    return code


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Code(Scorer):
    """Right if the answer's program passes the tests, run in a sandbox.

    The row's metadata holds `test`, the code of the tests; `entry_point`, the function that they call
    as `check(entry_point)`, without which the tests run as they stand; and `prompt`, the code that the answer
    continues. The program sees the standard library alone. Source: HumanEval (Chen et al., 2021,
    arXiv:2107.03374), whose tests decide here too; finding the code in a chat model's answer is ours.

    Where the kernel permits no namespaces it refuses, unless whoever runs Stratix sets the environment
    variable STRATIX_ALLOW_UNISOLATED_CODE to 1: programs then run with limits alone, can read files, use the
    network and leave processes behind. It is no option, as options come with benchmarks.

    Attributes:
        seconds: wall time for program and tests together.
        memory_mb: address space of each of its processes in MiB.
        processes: how many processes and threads it may have.
    """

    name: ClassVar[str] = "code"
    blocking: ClassVar[bool] = True
    parallel: ClassVar[bool] = True

    seconds: float = Field(default=10.0, gt=0, le=600)
    memory_mb: int = Field(default=1024, ge=64, le=16_384)
    processes: int = Field(default=16, ge=1, le=256)

    def score(self, answer: str, target: Target) -> Score:
        """Run the answer's program against the tests.

        Raises:
            ValueError: the row has no tests.
            SandboxUnavailable: the program cannot be isolated, and nobody allowed to run it all the same.
        """
        tests = target.metadata.get("test")
        if not tests:
            raise ValueError(
                "the row's metadata has no `test`, so there is nothing to run the program against"
            )
        if not answer.strip():
            return Score.unparsed("no code in the answer")
        entry_point = str(target.metadata.get("entry_point") or "")
        candidates = programs(answer, str(target.metadata.get("prompt") or ""), entry_point)
        rest = f"{tests}\n\ncheck({entry_point})\n" if entry_point else str(tests)
        limits = _sandbox.Limits(self.seconds, self.memory_mb << 20, self.processes)
        run = _sandbox.run(candidates, rest, limits, allow_unisolated=os.environ.get(_ALLOW) == "1")
        if not run.compiled and not _LOOKS_LIKE_CODE.search(answer):
            return Score.unparsed("no code in the answer")
        extracted = candidates[run.candidate]
        return Score.graded(float(run.passed), extracted, "passes the tests" if run.passed else run.reason)
