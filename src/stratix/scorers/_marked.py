r"""Finding where an answer says that it answers: `#### 18`, "The answer is 18", `\boxed{18}`."""

from __future__ import annotations

import re

_HASHES = re.compile(r"^[ \t]*####[ \t]*(?P<tail>\S.{0,999})", re.MULTILINE)
# A Markdown heading of the fourth level looks like the mark of GSM8K.
_HEADING = re.compile(
    r"(?:step|part|final|answer|solution|explanation|conclusion|given|\d+[.)]\s+[A-Za-z])|.*:\s*$", re.I
)
_BOX = re.compile(r"\\(?:boxed|fbox)\s*\{")
_LONGEST = 1000  # characters; and only the last marks count: a model in a loop repeats its mark for ever
_LAST = 20
_LABEL = re.compile(r"^[ \t>*_#-]*A[ \t*_]*:[ \t*_]*(?P<tail>\S.{0,999})", re.MULTILINE)
_PHRASE = re.compile(
    r"\banswers?\b(?:"
    r"[^.\n:=]{0,60}?\b(?:is|are|was|would\s+be|should\s+be|must\s+be|will\s+be)\b(?!\s+not\b|n't)"
    r"|[ \t*_]*(?:\([^()\n]{0,60}\)|"
    r"to[ \t](?:the|this|that|your|question)\b[^.\n:=]{0,60}|in[ \t]\w+)?[ \t*_]*[:=])"
    r"(?:[ \t]*(?:therefore|thus|then|so|indeed|simply|just)\b)?[ \t*_:=]*"
    r"(?:\n\s*)?(?=(?P<tail>\S.{0,999}))",
    re.IGNORECASE | re.MULTILINE,
)
_TITLE = re.compile(
    r"^[ \t>*_#-]*(?:the\s+)?(?:final\s+|correct\s+)?answer[ \t*_:]*\n+[ \t*_]*(?P<tail>\S.{0,999})",
    re.IGNORECASE | re.MULTILINE,
)
_CORRECTION = re.compile(
    r"\b(?:wait|hold on|correction|scratch that|on second thought|"
    r"let me (?:redo|recalculate|recompute|reconsider|rethink|correct)|i made (?:a|an) (?:mistake|error))\b",
    re.IGNORECASE,
)
_NEXT_QUESTION = re.compile(
    r"^[ \t*_]*(?:Q|Question|Problem|Instruction|User|Human)[ \t*_]*\d*[ \t*_]*:", re.MULTILINE
)


def marked(text: str, *, labels: bool = True) -> list[str]:
    """Return what stands behind each mark of a final answer, in order; the last one counts most.

    A box gives its content, any other mark the rest of its line, or the next line when that is empty.
    Marks that the text takes back afterwards ("Wait, ...") are left out, and so is everything from a
    further question that the model asked itself after it had answered.

    Args:
        text: the whole answer.
        labels: whether a line "A: ..." is a mark; not where A may be the name of an option.
    """
    found = _marks(text, labels)
    for question in _NEXT_QUESTION.finditer(text):
        if any(end <= question.start() for _, end, _ in found):
            text = text[: question.start()]
            found = _marks(text, labels)
            break
    taken_back = max((correction.start() for correction in _CORRECTION.finditer(text)), default=-1)
    return [tail for start, _, tail in found if start > taken_back][-_LAST:]


def _marks(text: str, labels: bool) -> list[tuple[int, int, str]]:
    """Return where each mark's tail starts and ends, and the tail."""
    found: list[tuple[int, int, str]] = []
    for pattern in (_HASHES, _PHRASE, _TITLE, *([_LABEL] if labels else [])):
        found += [
            (*match.span("tail"), match["tail"].strip())
            for match in pattern.finditer(text)
            if not (pattern is _HASHES and _HEADING.match(match["tail"]))
        ]
    for match in list(_BOX.finditer(text))[-_LAST:]:
        if content := _braced(text, match.end()):
            found.append((match.end(), match.end() + len(content), content.strip()))
    return sorted(found)


def _braced(text: str, start: int) -> str:
    """Return the text from a position to the brace that closes it; "" if none does."""
    depth = 1
    for position in range(start, min(len(text), start + _LONGEST)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if not depth:
            return text[start:position]
    return ""
