"""Telling the language of a text, offline."""

from __future__ import annotations

import py3langid

# The detector knows two hundred languages more, which short texts in these are taken for.
_COMMON = frozenset(
    """ar bg bn cs da de el en es fa fi fr gu he hi hr hu id it ja kn ko lt lv ml mr ms nb ne nl no
    pa pl pt ro ru sk sl sr sv sw ta te th tl tr uk ur vi zh""".split()  # noqa: SIM905  # shorter to read
)
_SHORT = 20  # letters; below, the detector's first guess is worth little
_DOUBT = (
    6.0  # how much less likely, in natural logarithms, the language of a short text may be than the first
)


def is_language(text: str, code: str) -> bool:
    """Tell whether a text is in a language; for a text of a few words, whether it may well be.

    Args:
        text: the text; one without letters is in no language, and passes for any.
        code: the language's code of ISO 639-1, such as `de`; a region (`zh-cn`) is left aside.
    """
    letters = sum(map(str.isalpha, text))
    if not letters:
        return True
    wanted = code.lower().partition("-")[0]
    ranked = {
        language: likelihood
        for language, likelihood in py3langid.rank(text.lower())
        if language in _COMMON | {wanted}
    }
    best = max(ranked.values())
    doubt = _DOUBT if letters < _SHORT else 0.0
    return bool(ranked.get(wanted, float("-inf")) >= best - doubt)
