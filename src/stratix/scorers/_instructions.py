"""The verifiable instructions of IFEval: each a function that tells whether a text follows it.

Written from the paper's descriptions, with the names and arguments of its published data. Source: Zhou et
al., Instruction-following evaluation for large language models, 2023, arXiv:2311.07911.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stratix.scorers._language import is_language

_WORD = re.compile(r"\w+")
_CAPITALS = re.compile(r"\w+(?:[-'’.&]\w+)*")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|etc|e\.g|i\.e|No|Inc|Ltd|Co|approx|[ap]\.m|U\.S)\.$"
)
_SENTENCE_END = re.compile(r"(?:[.!?…]+[\"'”’)\]*_]*(?=\s|$))|[。！？]+[”」』]?")
_FENCE = re.compile(r"^```[ \t]*(?:json)?[ \t]*\n?(.*?)\n?[ \t]*```$", re.DOTALL | re.IGNORECASE)


def follows(name: str, arguments: Mapping[str, Any], text: str) -> bool:
    """Tell whether a text follows an instruction.

    Args:
        name: its id in the published data, such as `punctuation:no_comma`.
        arguments: its arguments by name; those that are None are left out, as tables of the data have them.
        text: the answer; an empty one follows nothing.

    Raises:
        ValueError: there is no such instruction, or its arguments are others; the message names them.
    """
    check = INSTRUCTIONS.get(name)
    if check is None:
        raise ValueError(f"there is no instruction {name!r}; there are: {', '.join(INSTRUCTIONS)}")
    given = {key: value for key, value in arguments.items() if value is not None}
    try:
        inspect.signature(check).bind(text, **given)
    except TypeError as error:
        raise ValueError(f"the instruction {name} takes other arguments: {error}") from None
    return bool(text.strip()) and check(text, **given)


def _compare(count: int, relation: str, number: float) -> bool:
    if relation not in ("at least", "less than"):
        raise ValueError(f"a relation is 'at least' or 'less than', not {relation!r}")
    return count >= number if relation == "at least" else count < number


# Keywords


def _existence(text: str, keywords: Sequence[str]) -> bool:
    return all(keyword.casefold() in text.casefold() for keyword in keywords)


def _frequency(text: str, keyword: str, frequency: int, relation: str = "at least") -> bool:
    return _compare(text.casefold().count(keyword.casefold()), relation, frequency)


def _forbidden_words(text: str, forbidden_words: Sequence[str]) -> bool:
    return not any(
        re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) for word in forbidden_words
    )


def _letter_frequency(text: str, letter: str, let_frequency: int, let_relation: str = "at least") -> bool:
    return _compare(text.lower().count(letter.lower()), let_relation, let_frequency)


# Language and case


def _response_language(text: str, language: str) -> bool:
    return is_language(text, language)


def _english_capital(text: str) -> bool:
    return text.isupper() and is_language(text, "en")


def _english_lowercase(text: str) -> bool:
    return text.islower() and is_language(text, "en")


def _capital_word_frequency(text: str, capital_frequency: int, capital_relation: str = "at least") -> bool:
    words = (re.sub(r"['’]s$", "", word) for word in _CAPITALS.findall(text))
    return _compare(sum(word.isupper() for word in words), capital_relation, capital_frequency)


# Length


def sentences(text: str) -> int:
    """Return the number of sentences of a text; what follows the last full stop is one too."""
    count = end = 0
    for match in _SENTENCE_END.finditer(text):
        sentence = text[end : match.start() + 1]
        if not _WORD.search(sentence) or re.fullmatch(r"\s*\W*\d+\.", sentence):  # the number of a list
            continue
        if _ABBREVIATION.search(sentence) and text[match.end() :].strip():
            continue
        count, end = count + 1, match.end()
    return count + bool(_WORD.search(text[end:]))


def _number_sentences(text: str, num_sentences: int, relation: str = "at least") -> bool:
    return _compare(sentences(text), relation, num_sentences)


def _number_words(text: str, num_words: int, relation: str = "at least") -> bool:
    return _compare(len(_WORD.findall(text)), relation, num_words)


def _number_paragraphs(text: str, num_paragraphs: int) -> bool:
    """Paragraphs are parted by the divider `***`; it may stand before the first and after the last."""
    parts = [part.strip() for part in re.split(r"\s?\*\*\*\s?", text)]
    return all(parts[1:-1]) and sum(map(bool, parts)) == num_paragraphs


def _nth_paragraph_first_word(text: str, num_paragraphs: int, nth_paragraph: int, first_word: str) -> bool:
    """Paragraphs are parted by blank lines."""
    parts = [part for part in re.split(r"\n\s*\n", text) if part.strip()]
    if len(parts) != num_paragraphs or not 1 <= nth_paragraph <= len(parts):
        return False
    word = re.match(r"[^\s.,?!:;\"”]*", parts[nth_paragraph - 1].lstrip(" \t\n'\"“‘*_"))
    return word is not None and word[0].strip("'’*_").casefold() == first_word.strip().casefold()


# Content and form


def _number_placeholders(text: str, num_placeholders: int) -> bool:
    return len(re.findall(r"\[[^\[\]]+\]", text)) >= num_placeholders


def _postscript(text: str, postscript_marker: str) -> bool:
    marker = r"\.?\s?".join(re.escape(letter) for letter in postscript_marker if letter not in ". ")
    return re.search(rf"^\W*{marker}\b[.:]?\s*\S", text, re.IGNORECASE | re.MULTILINE) is not None


def _number_bullet_lists(text: str, num_bullets: int) -> bool:
    return len(re.findall(r"^[ \t]*(?:\*(?!\*)|-(?!-))[ \t]*[^\s*-]", text, re.MULTILINE)) == num_bullets


def _constrained_response(text: str) -> bool:
    return any(f"My answer is {choice}." in text for choice in ("yes", "no", "maybe"))


def _number_highlighted_sections(text: str, num_highlights: int) -> bool:
    found = re.findall(r"\*\*[^\n*]*\*\*|\*[^\n*]*\*", text)
    return sum(bool(section.strip("* \t")) for section in found) >= num_highlights


def _multiple_sections(text: str, section_spliter: str, num_sections: int) -> bool:
    return len(re.findall(rf"\b{re.escape(section_spliter.strip())}\s?\d+", text)) >= num_sections


def _json_format(text: str) -> bool:
    fenced = _FENCE.match(text.strip())
    try:
        json.loads(fenced[1] if fenced else text)
    except (ValueError, RecursionError):
        return False
    return True


def _title(text: str) -> bool:
    return any(title.strip("<> \t") for title in re.findall(r"<<[^\n]+?>>", text))


def _two_responses(text: str) -> bool:
    parts = [part.strip() for part in text.split("******")]
    if not all(parts[1:-1]):
        return False
    responses = [part for part in parts if part]
    return len(responses) == 2 and responses[0] != responses[1]


def _repeat_prompt(text: str, prompt_to_repeat: str) -> bool:
    return text.strip().casefold().startswith(prompt_to_repeat.strip().casefold())


def _end_checker(text: str, end_phrase: str) -> bool:
    return text.strip().strip('"').casefold().endswith(end_phrase.strip().casefold())


def _quotation(text: str) -> bool:
    stripped = text.strip()
    return len(stripped) > 2 and stripped[0] == stripped[-1] == '"'


def _no_comma(text: str) -> bool:
    return "," not in text


INSTRUCTIONS: dict[str, Callable[..., bool]] = {
    "keywords:existence": _existence,
    "keywords:frequency": _frequency,
    "keywords:forbidden_words": _forbidden_words,
    "keywords:letter_frequency": _letter_frequency,
    "language:response_language": _response_language,
    "length_constraints:number_sentences": _number_sentences,
    "length_constraints:number_paragraphs": _number_paragraphs,
    "length_constraints:number_words": _number_words,
    "length_constraints:nth_paragraph_first_word": _nth_paragraph_first_word,
    "detectable_content:number_placeholders": _number_placeholders,
    "detectable_content:postscript": _postscript,
    "detectable_format:number_bullet_lists": _number_bullet_lists,
    "detectable_format:constrained_response": _constrained_response,
    "detectable_format:number_highlighted_sections": _number_highlighted_sections,
    "detectable_format:multiple_sections": _multiple_sections,
    "detectable_format:json_format": _json_format,
    "detectable_format:title": _title,
    "combination:two_responses": _two_responses,
    "combination:repeat_prompt": _repeat_prompt,
    "startend:end_checker": _end_checker,
    "startend:quotation": _quotation,
    "change_case:capital_word_frequency": _capital_word_frequency,
    "change_case:english_capital": _english_capital,
    "change_case:english_lowercase": _english_lowercase,
    "punctuation:no_comma": _no_comma,
}
