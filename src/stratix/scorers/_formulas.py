r"""Reading formulas out of running text: LaTeX, plain notation ("sqrt(2)/2") and Unicode ("2√3")."""

from __future__ import annotations

import re

from stratix.scorers import _text

_SYMBOLS = {
    "−": "-", "–": "-", "×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "÷": "/", "π": r"\pi ",
    "∞": r"\infty ", "∪": r"\cup ", "∩": r"\cap ", "≤": r"\le ", "≥": r"\ge ", "±": r"\pm ", "°": r"^\circ ",
    "≈": r"\approx ", "∈": r"\in ", "∅": r"\emptyset ", r"\varnothing": r"\emptyset ",
    r"\langle": "(", r"\rangle": ")", "θ": r"\theta ", "≠": r"\ne ", "½": r"\frac{1}{2}",
    "¼": r"\frac{1}{4}", "¾": r"\frac{3}{4}", "⅓": r"\frac{1}{3}", "⅔": r"\frac{2}{3}",
}  # fmt: skip
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ", "0123456789-n")
_ENVIRONMENT = re.compile(
    r"\$\$(.+?)\$\$|(?<!\\)\$((?:\\\$|[^$\n])+?)(?<!\\)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL
)
_DELIMITERS = re.compile(r"(?<!\\)\$\$?|\\[()]|\\\[|\\\]")
_FUNCTIONS = (
    "sqrt",
    "sin",
    "cos",
    "tan",
    "cot",
    "sec",
    "csc",
    "log",
    "ln",
    "exp",
    "arcsin",
    "arccos",
    "arctan",
)
_SHORT = "is|in|of|to|at|we|it|as|by|so|if|be|an|on|us|he|cm|km|mm|kg|ft|mi|hr|my|no|me|do|go|up"
_PROSE = re.compile(
    r"(?<![\\a-zA-Z{])(?<!begin\{)(?<!end\{)"
    rf"(?:(?!(?:{'|'.join(_FUNCTIONS)}|pi|inf|infinity|and|or|begin|end)\b)[a-zA-Z]{{3,}}|(?i:{_SHORT})\b)"
    r"(?:['’-][a-zA-Z]+)*(?:\s*\^\s*\{?[23]\b\}?)?"  # "cm^2" is one word
)
_TEXT = re.compile(r"\\(?:text|textbf|textit|mathrm|mathbf|mbox|operatorname)\s*\{([^{}]*)\}(?:\^\{?\d\}?)?")
_ALIGNED = re.compile(r"\\begin\{(align(?:ed)?\*?|gather(?:ed)?\*?|split)\}(.*?)\\end\{\1\}", re.DOTALL)
_REPEATING = re.compile(r"(\d*)\.(\d*)\\overline\s*\{(\d{1,50})\}")
_MIXED = re.compile(r"(?<![\d.^/])(\d+) (\d+)/(\d+)(?![\d.])")
_JOINT = re.compile(r"\s*,?\s*\b(?:and|or)\b\s*")
_LONGEST = 1000  # characters


def words(text: str) -> str | None:
    r"""Return the words of a text answer ("\text{Evelyn}", "(C)", "6:30", "even"); None for a formula."""
    inner = _DELIMITERS.sub("", text).strip()
    plain = _TEXT.sub(r"\1", inner).strip()
    if re.fullmatch(r"\(?[A-Z]\)", plain) or re.fullmatch(r"\d{1,2}:\d\d(?:\s*[ap]\.?m\.?)?", plain, re.I):
        return _text.bare(plain).strip("()").casefold()
    only_text = plain != inner and not _TEXT.sub("", inner).strip(" .")
    if (only_text or _PROSE.search(plain)) and re.fullmatch(r"[^\W\d_][\w\s'’,.()-]*", plain):
        return _text.bare(plain).strip("()").casefold()
    return None


def readings(text: str) -> list[str]:
    """Return what formulas a passage may state, in LaTeX; empty if it states none.

    A passage is what stands behind a mark, in a box or in a sentence. It may be a formula, hold formulas
    between dollars, or have words before or behind ("18 apples", "the pair (3, 4)").
    """
    text = text[:_LONGEST]
    whole = _clean(_DELIMITERS.sub("", text))
    masked = _mask(whole)
    prose = list(_PROSE.finditer(masked))
    if not prose:
        return _sides(whole)
    groups = _groups(text)
    if groups:
        leading = not _PROSE.search(text[: groups[0][0]])
        return _sides(_clean(groups[0 if leading else -1][1]))
    edges = [0, *(edge for match in prose for edge in match.span()), len(whole)]
    parts = [whole[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    if re.search(r"[\d\\=]", parts[0]):  # else it is a word such as "I" or "a"
        return _sides(_clean(parts[0]))
    cleaned = [_clean(part) for part in parts[1:]]
    return next((_sides(part) for part in reversed(cleaned) if re.search(r"[\da-zA-Z\\]", part)), [])


def _groups(text: str) -> list[tuple[int, str]]:
    """Return where each formula between delimiters starts, those joined by "and" taken together."""
    found: list[tuple[int, int, str]] = []
    for match in _ENVIRONMENT.finditer(text):
        content = next(group for group in match.groups() if group is not None)
        if found and re.fullmatch(r"\s*(?:,|,?\s*(?:and|or))\s*", text[found[-1][1] : match.start()]):
            start, _, before = found.pop()
            found.append((start, match.end(), f"{before}, {content}"))
        else:
            found.append((match.start(), match.end(), content))
    return [(start, content) for start, _, content in found]


def _mask(text: str) -> str:
    """Return the text with the names of LaTeX environments blanked, as they are no words."""
    return re.sub(r"\\(?:begin|end)\s*\{[a-z*]+\}(?:\{[lcr|]+\})?", lambda m: " " * len(m[0]), text)


def _clean(text: str) -> str:
    """Return a passage as LaTeX, without units, emphasis and what dangles at its ends."""
    text = re.sub(r"(?<!\\)\\(?:[!,]\s*|[;: ])", lambda m: "" if m[0][1] in "!," else " ", text)
    text = _TEXT.sub(lambda m: f" {m[1]} " if m[1].strip() in ("and", "or") else " ", text)
    text = _REPEATING.sub(_fraction, _MIXED.sub(r"\1\\frac{\2}{\3}", _ALIGNED.sub(_last_line, text)))
    for symbol, latex in _SYMBOLS.items():
        text = text.replace(symbol, latex)
    text = re.sub(r"√\s*(\w+)", r"\\sqrt{\1}", text.replace("√(", "sqrt("))
    text = re.sub("([⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ]+)", lambda m: f"^{{{m[1].translate(_SUPERSCRIPTS)}}}", text)
    text = re.sub(r"^[\s*_`]+|[\s*_`]+$", "", text)
    text = text.replace("**", "^").replace("<=", r"\le ").replace(">=", r"\ge ").replace("!=", r"\ne ")
    text = re.sub(r"(?<!\\)\*", r" \\cdot ", text)
    text = re.sub(r"(?<![\\a-zA-Z])(?:infinity|inf)\b", r"\\infty ", text)
    text = re.sub(rf"(?<![\\a-zA-Z])({'|'.join((*_FUNCTIONS[1:], 'pi'))})(?![a-zA-Z])", r"\\\1 ", text)
    text = re.sub(r"(?<=[)\]])\s*U\s*(?=[(\[])", r" \\cup ", text)
    text = re.sub(r"(?<!\\)%", r"\\%", text)
    text = re.sub(r"[$€£¥]\s*(?=[\d.])", "", text.replace(r"\$", "$"))
    text = _JOINT.sub(", ", _bracketed(_bracketed(text, r"(?<![\\a-z])sqrt\s*\(", r"\sqrt"), r"\^\s*\(", "^"))
    text = re.sub(r"(?<=[\w)}])\s*(?:=|:)\s*$", "", text.strip(" \t\n.,;:?`"))
    while text.endswith("(") or (text.endswith(")") and text.count(")") > text.count("(") + text.count("[")):
        text = text[:-1].rstrip(" ,.;")
    return text


def _last_line(block: re.Match[str]) -> str:
    """Return what an aligned block comes to: its last line, and those it goes on from with "="."""
    lines = [line.replace("&", " ").strip() for line in re.split(r"\\\\", block[2])]
    lines = [line for line in lines if line]
    start = next((i for i in reversed(range(len(lines))) if not lines[i].startswith("=")), 0)
    return " ".join(lines[start:])


def _fraction(match: re.Match[str]) -> str:
    r"""Return a repeating decimal as a fraction: `0.\overline{3}` is `\frac{3}{9}`."""
    whole, fixed, period = match[1] or "0", match[2], match[3]
    top = int(whole + fixed + period) - int(whole + fixed)
    return rf"\frac{{{top}}}{{{'9' * len(period)}{'0' * len(fixed)}}}"


def _bracketed(text: str, opening: str, command: str) -> str:
    """Return the text with a call such as `sqrt(...)` as a LaTeX command with braces."""
    while match := re.search(opening, text):
        depth, end = 1, match.end()
        while end < len(text) and depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        inner = text[match.end() : end - 1 if not depth else end]
        text = f"{text[: match.start()]}{command}{{{inner}}}{text[end:]}"
    return text


def _sides(formula: str) -> list[str]:
    """Return a formula, and the sides that may be meant alone: of `6 \\times 2 = 12` the last."""
    if not formula:
        return []
    found = [formula]
    if r"\approx" in formula:
        found = [side.strip() for side in formula.split(r"\approx") if side.strip()]
    parts = re.split(r"(?<![\\<>!])=", found[0])
    if len(parts) > 1 and "," not in formula and parts[-1].strip():
        found.append(parts[-1].strip())
    if formula.endswith("!"):
        found.append(formula[:-1])  # a factorial, or a glad sentence
    return found
