"""Multiple choice: the one option an answer settles on."""

from __future__ import annotations

import re
import string
from typing import ClassVar

from pydantic.dataclasses import dataclass

from stratix.scorers import _text
from stratix.scorers._marked import marked
from stratix.scorers._options import STRICT
from stratix.scorers.base import Score, Scorer, Target

_NAMED = r"(?:option|choice|answer|letter)"
_PICKS = re.compile(
    r"\b(?:i(?:'d| would| will|'ll)?\s+(?:choose|pick|select|go\s+with|say)|"
    r"(?:correct|right|best|proper)\s+(?:option|choice|one|statement|letter)\s*(?:here\s*)?(?:is|would\s+be|:))"
    r"\s*:?\s*(?=(?P<tail>\S.{0,999}))",
    re.IGNORECASE | re.MULTILINE,
)
_IS_RIGHT = re.compile(
    rf"(?:\b(?i:{_NAMED})\s+)?\(?\b(?P<letter>[A-Z])\)?(?:\s+is|'s|\s+seems|\s+must\s+be|\s+would\s+be)\s+(?i:the\s+|most\s+"
    r"|likely\s+|only\s+|clearly\s+)*(?i:correct|right|best|true|accurate|answer|appropriate)\b"
)
_DENIED = re.compile(
    rf"\b(?:not|isn't|rather\s+than|instead\s+of|as\s+opposed\s+to|unlike|rules?\s+out|eliminates?)\s+"
    rf"(?:{_NAMED}\s+)?\(?[A-Z]\b\)?|"
    rf"(?:\b{_NAMED}\s+)?\(?\b[A-Z]\b\)?\s+(?:is|are|was|can|could|would|must)(?:\s+(?:be|also|clearly|simply))*"
    r"(?:\s+not\b|n't\b|not\b|\s+(?:wrong|incorrect|false|out|impossible|ruled|eliminated|irrelevant|unlikely))",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|since|as it|as the|whereas|while|although|given that|due to)\b", re.IGNORECASE
)
_LEADING = re.compile(
    rf"^[\s\"'$]*(?:(?i:{_NAMED})\s*:?\s*)?(?P<open>[(\[{{\"']*)(?P<letter>[A-Za-z])(?P<close>[)\]}}\"'.:,;$-]*)(?P<rest>\s.*|)$",
    re.DOTALL,
)
_JOINED = re.compile(
    r"(?<![\w.'])([A-Z])\)?\s*(?:,|/|&|\+|\band\b|\bor\b)+\s*\(?([B-HJ-Z]\b(?!')|[AI]\b(?!'|\s+[a-z]))"
)
_STRICT = re.compile(
    rf"\(([A-Z])\)|\[([A-Z])\]|\b(?i:{_NAMED})\s+([A-Z])\b|(?:^|\s)([A-Z])(?:\)|[.:](?=\s|$))", re.MULTILINE
)
_LISTED = re.compile(r"(?:^|\s)\W{0,5}([A-Z])[).:](?=\s|$)")
_BUT = re.compile(r"\bnot\b.{0,80}?\bbut\b", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w.'-])([B-HJ-Z])(?![\w'-]|\.\s*[A-Z]\.)")
_VERBS = frozenset({"is", "was", "as", "and", "or", "due", "seems", "would", "for", "by", "because", "since"})
_TOKEN = re.compile(r"(?<!\w)-?\d+(?:[.,/]\d+)*%?|\w+|[^\w\s.,;:!?\"'()\[\]]")

SEVERAL = "several"


def extract(answer: str, choices: tuple[str, ...] = ()) -> str | None:
    """Return the letter of the option an answer settles on.

    Looked at in this order, the first that settles it wins: a marked final answer ("The answer is (B)"),
    an avowal ("I choose B", "B is correct"), a letter at the start, the last line, the only label in the
    text, the only option quoted in the text.

    Args:
        answer: the model's text.
        choices: the texts of the options; without them any letter is one.

    Returns:
        A letter, `SEVERAL` if the answer names more than one option and settles on none, or None.
    """
    return _Reader(choices).read(_text.plain(_text.unify(answer)).strip())


class _Reader:
    """Reads answers to a question with these options."""

    def __init__(self, choices: tuple[str, ...]) -> None:
        self.letters = string.ascii_uppercase[: len(choices) or 26]
        self.tokens = {letter: _tokens(text) for letter, text in zip(self.letters, choices, strict=False)}
        lettered = [
            re.escape(_text.unify(text))
            for text in choices
            if len(text) > 1 and re.search(r"\b[A-Z]\b", text)
        ]
        self.lettered = re.compile("|".join(lettered) or r"(?!)", re.IGNORECASE)

    def read(self, text: str) -> str | None:
        if len(text) == 1 and text.upper() in self.letters:
            return text.upper()
        tails = [
            *reversed(marked(text, labels=False)),
            *(m["tail"] for m in reversed(list(_PICKS.finditer(text)))),
        ]
        for tail in tails:
            if settled := self.segment(tail):
                return settled
        text = _DENIED.sub(" ", text)
        if claims := {m["letter"] for m in _IS_RIGHT.finditer(text)} & set(self.letters):
            return _one(claims)
        listing = _lists_options(text)
        if not listing and (letter := self.leading(text)):
            return letter
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > 1:
            last = self.segment(lines[-1])
            if last and last != SEVERAL and not (listing and _LISTED.match(lines[-1])):
                return last
        return self.segment(text, cut=False)

    def segment(self, text: str, *, cut: bool = True) -> str | None:
        """Read a passage that states the answer; `cut` drops what follows "because" and its like."""
        text = _DENIED.sub(" ", _BUT.sub(" ", text))
        if cut:
            text = _REASON.split(text, maxsplit=1)[0]
        tokens = _tokens(text)
        if len(tokens) > 1 and (
            same := {letter for letter, wanted in self.tokens.items() if wanted == tokens}
        ):
            return _one(same)
        if cut and (letter := self.leading(text)):
            return letter
        unquoted = self.lettered.sub(" ", text)  # the C of an option "vitamin C" is no label
        if any({first, second} <= set(self.letters) for first, second in _JOINED.findall(unquoted)):
            return SEVERAL
        if labels := {letter for groups in _STRICT.findall(unquoted) for letter in groups} & set(
            self.letters
        ):
            return _one(labels)
        if quoted := self.quoted(tokens):
            return _one(quoted)
        bare = set(_BARE.findall(unquoted)) & set(self.letters)
        return _one(bare) if bare and (cut or self.tokens) else None

    def leading(self, text: str) -> str | None:
        """Return the letter a passage begins with, if it is a label and not a word."""
        match = _LEADING.match(text)
        if match is None or match["letter"].upper() not in self.letters:
            return None
        letter, rest = match["letter"].upper(), match["rest"].strip()
        bracketed = bool(match["open"]) or any(mark in match["close"] for mark in ")]}")
        if match["letter"].islower():
            return letter if bracketed or not rest else None
        if (
            (both := _JOINED.match(text[match.start("letter") :]))
            and both[1] == letter != both[2]
            and both[2] in self.letters
        ):
            return SEVERAL
        if bracketed or not rest or set(match["close"]) & set(".:,;-"):
            return letter
        first = rest.split()[0].strip(string.punctuation)
        if (
            letter in "AI"
            and first.islower()
            and first not in _VERBS
            and self.tokens.get(letter) != _tokens(rest)
        ):
            return None  # the word "a", or "I", not a label
        return letter

    def quoted(self, tokens: tuple[str, ...]) -> set[str]:
        """Return the options whose texts occur, those aside that are part of a longer one that occurs."""
        found = {letter for letter, wanted in self.tokens.items() if wanted and _inside(wanted, tokens)}
        return {
            letter
            for letter in found
            if not any(
                letter != other
                and self.tokens[letter] != self.tokens[other]
                and _inside(self.tokens[letter], self.tokens[other])
                for other in found
            )
        }


def _lists_options(text: str) -> bool:
    """Tell whether a text goes through the options: A and B head lines of it, or follow each other in one."""
    heads = []
    for line in text.splitlines():
        labels = _LISTED.findall(line)
        if labels[:2] == ["A", "B"]:
            return True
        if head := _LISTED.match(line):
            heads.append(head[1])
    return heads[:2] == ["A", "B"]


def _one(letters: set[str]) -> str:
    return letters.pop() if len(letters) == 1 else SEVERAL


def _tokens(text: str) -> tuple[str, ...]:
    return tuple(
        token for token in _TOKEN.findall(_text.unify(text).casefold()) if token not in ("a", "an", "the")
    )


def _inside(wanted: tuple[str, ...], tokens: tuple[str, ...]) -> bool:
    """Tell whether some tokens occur among others, and not only as "not London" or "rather than London"."""
    return any(
        tokens[i : i + len(wanted)] == wanted and (i == 0 or tokens[i - 1] not in ("not", "than", "unlike"))
        for i in range(len(tokens) - len(wanted) + 1)
    )


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Choice(Scorer):
    """Right if the answer settles on the true option, by its letter or by its text.

    The truth is a letter ("B", "(B)") or the text of one of the target's choices. An answer that names
    several options without settling on one is unparsed, and so is one that names none. Source: the
    regular expressions of MMLU-Pro (Wang et al., 2024, arXiv:2406.01574) and of BIG-Bench Hard (Suzgun et
    al., 2022, arXiv:2210.09261), which read "the answer is (X)"; the rest is ours.
    """

    name: ClassVar[str] = "choice"

    def score(self, answer: str, target: Target) -> Score:
        """Compare the option the answer settles on with the true one.

        Raises:
            ValueError: the truth is neither a letter nor the text of one of the choices.
        """
        accepted = {letter_of(truth, target.choices) for truth in target.accepted}
        letter = extract(answer, target.choices)
        if letter is None:
            return Score.unparsed("names no option")
        if letter == SEVERAL:
            return Score.unparsed("names several options and settles on none")
        return Score.graded(float(letter in accepted), letter, f"the truth is {', '.join(sorted(accepted))}")


def letter_of(truth: str, choices: tuple[str, ...] = ()) -> str:
    """Return the letter of a true option given as a letter or as the text of a choice.

    A capital letter is a letter, even where it is the text of a choice too: option A of a question on
    vitamins may read "C".

    Raises:
        ValueError: it is neither.
    """
    known = string.ascii_uppercase[: len(choices) or 26]
    if len(truth) == 1 and truth in known:
        return truth
    for letter, text in zip(known, choices, strict=False):
        if truth.strip() == text.strip():
            return letter
    letter = truth.strip().strip("().").upper()
    if len(letter) == 1 and letter in known:
        return letter
    raise ValueError(f"the truth {truth!r} is neither a letter nor one of the choices {choices!r}")
