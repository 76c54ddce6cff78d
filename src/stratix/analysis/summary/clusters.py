"""What wrong answers share: clusters of their words that right answers do not have."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stratix.analysis.multiple import holm
from stratix.analysis.summary import FEWEST_FOR_CLUSTERS
from stratix.analysis.summary.facts import Text
from stratix.analysis.summary.slices import LEVEL, fisher

_LEAST_COUNT = 5
_LEAST_SHARE = 0.02
_MOST = 4
_TERMS = 3
_NEEDED_WORDS = 4
_CLUSTER_COUNTS = (2, 3, 4, 6, 8, 12)
_VOCABULARY = 4000
_SILHOUETTE_SAMPLE = 600
_SEED = 20_261
_FEWEST_RIGHT = 10
_SMALL_WORDS = frozenset(
    """a about after all also an and are as at be because been but by can could did do does for from had has
    have he her his how if in into is it its me more most of on one or our out she so some than that the their
    them then there these they this those to up very was we were what when where which while who will with
    would you your""".split()  # noqa: SIM905  # shorter to read
)
_TERM = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Wrong answers that share words.

    Attributes:
        terms: the words all of them have.
        wrong: wrong answers with these words.
        wrong_read: wrong answers looked at.
        right: right answers with these words.
        right_read: right answers looked at.
        p_value: that wrong answers have them as often as right ones, corrected for the clusters tested.
        example: one of the usual length.
        places: position and epoch of the wrong answers with these words.
    """

    terms: tuple[str, ...]
    wrong: int
    wrong_read: int
    right: int
    right_read: int
    p_value: float
    example: Text
    places: frozenset[tuple[int, int]]


def specific(wrong: Sequence[Text], right: Sequence[Text]) -> list[Cluster]:
    """Find words that many wrong answers share and right ones do not, the commonest first.

    The wrong answers are clustered by their words (TF-IDF, k-means, the number of clusters by the
    silhouette), and each cluster is named by the words that set it apart from right answers. Half of the
    answers find the clusters and the other half tests them, because words chosen for a difference show one
    on the same data always; what is counted in the end are all.

    Args:
        wrong: wrong answers.
        right: right answers.

    Source: P. J. Rousseeuw, "Silhouettes", J. Computational and Applied Mathematics 20 (1987), 53-65; D. R.
    Cox, "A note on data-splitting for the evaluation of significance levels", Biometrika 62 (1975), 441-444.
    """
    if len(wrong) < FEWEST_FOR_CLUSTERS:
        return []
    known: dict[str, str] = {}
    words = [_words(text.answer, known) for text in wrong]
    if np.median([len(found) for found in words]) < _NEEDED_WORDS:
        return []  # Letters and numbers say more in the structural patterns.
    right_words = [_words(text.answer, known) for text in right]
    halves = np.random.default_rng(_SEED).permutation(len(wrong))
    finding, testing = halves[::2], halves[1::2]
    names = _names([words[i] for i in finding], right_words[::2])
    if not names:
        return []
    tested = [words[i] for i in testing]
    p_values = [_p_value(terms, tested, right_words[1::2]) for terms in names]
    found = []
    for terms, p_value in zip(names, holm(p_values), strict=True):
        members = [at for at, own in enumerate(words) if terms <= own]
        if p_value > LEVEL or len(members) < max(_LEAST_COUNT, _LEAST_SHARE * len(wrong)):
            continue
        example = min(members, key=lambda at: (abs(len(words[at]) - _middle(words, members)), at))
        right_count = sum(terms <= own for own in right_words)
        found.append(
            Cluster(
                _in_order(terms, wrong[example].answer),
                len(members),
                len(wrong),
                right_count,
                len(right),
                p_value,
                wrong[example],
                frozenset((wrong[at].position, wrong[at].epoch) for at in members),
            )
        )
    return sorted(found, key=lambda cluster: -cluster.wrong)[:_MOST]


def warm_up() -> None:
    """Have everything imported that finding clusters takes."""
    texts = [frozenset({"one", f"other{at % 2}"}) for at in range(FEWEST_FOR_CLUSTERS)]
    _labels(texts)


def _names(words: list[frozenset[str]], right_words: list[frozenset[str]]) -> list[frozenset[str]]:
    """Return the terms that name each cluster of wrong answers, each set once."""
    labels = _labels(words)
    if labels is None:
        return []
    contrast = _shares(right_words) if len(right_words) >= _FEWEST_RIGHT else None
    names: dict[frozenset[str], None] = {}
    taken: list[frozenset[int]] = []
    for label in range(labels.max() + 1):
        members = [own for own, found in zip(words, labels, strict=True) if found == label]
        if len(members) < 3:
            continue
        shares = _shares(members)
        # Without right answers to compare with, what a cluster has is compared with the other wrong ones.
        others = [own for own, found in zip(words, labels, strict=True) if found != label]
        elsewhere = _shares(others) if contrast is None else contrast
        apart = sorted(
            (term for term, share in shares.items() if share >= 0.7 and term not in _SMALL_WORDS),
            key=lambda term: (elsewhere.get(term, 0.0) - shares[term], -len(term), term),
        )
        terms: frozenset[str] = frozenset()
        for term in apart[: 2 * _TERMS]:
            wider = terms | {term}
            if elsewhere.get(term, 0.0) > (0.5 if contrast is not None else 0.15) * shares[term]:
                continue
            if sum(wider <= own for own in members) >= 0.6 * len(members) and len(wider) <= _TERMS:
                terms = wider
        holders = frozenset(at for at, own in enumerate(words) if terms <= own) if terms else frozenset()
        # Two clusters may come to the same answers under other words.
        if terms and not any(len(holders & other) > 0.5 * min(len(holders), len(other)) for other in taken):
            names[terms] = None
            taken.append(holders)
    return list(names)


def _labels(words: list[frozenset[str]]) -> NDArray[np.int_] | None:
    """Return the cluster of each answer, of as many clusters as the silhouette likes best."""
    # They take a second to import, and most evaluations of a few prompts never get here.
    with _without("pandas", "pyarrow"):
        from sklearn.cluster import KMeans
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.metrics import silhouette_score

    vectorizer = TfidfVectorizer(
        analyzer=sorted, min_df=3, max_df=0.9, max_features=_VOCABULARY, dtype=np.float32
    )
    try:
        vectors = vectorizer.fit_transform(words)
    except ValueError:  # No word is in three of them.
        return None
    distinct = vectors.shape[0]
    best: tuple[float, NDArray[np.int_]] | None = None
    for number in _CLUSTER_COUNTS:
        if number > distinct // 5:
            break
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # Of answers that are alike word for word there are fewer clusters.
            labels = KMeans(number, n_init=1, random_state=_SEED, max_iter=50).fit_predict(vectors)
        if len(set(labels.tolist())) < 2:
            continue
        sample = min(_SILHOUETTE_SAMPLE, distinct)
        try:
            score = float(silhouette_score(vectors, labels, sample_size=sample, random_state=_SEED))
        except ValueError:  # The sample fell into one cluster.
            continue
        if best is None or score > best[0]:
            best = score, labels
    return None if best is None else best[1]


@contextmanager
def _without(*modules: str) -> Iterator[None]:
    """Keep scikit-learn from importing what it can do without: 135 MB and half a second for nothing."""
    absent = [name for name in modules if name not in sys.modules]
    # None is how Python marks a module that cannot be imported; the type of `sys.modules` leaves it out.
    sys.modules |= dict.fromkeys(absent)  # type: ignore[arg-type]  # see above
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def _words(text: str, known: dict[str, str]) -> frozenset[str]:
    """Return the words of a text, each kept once for all texts."""
    return frozenset(known.setdefault(term, term) for term in _TERM.findall(text.lower()))


def _shares(texts: list[frozenset[str]]) -> dict[str, float]:
    counts: dict[str, int] = {}
    for own in texts:
        for term in own:
            counts[term] = counts.get(term, 0) + 1
    return {term: count / len(texts) for term, count in counts.items()}


def _p_value(terms: frozenset[str], wrong: list[frozenset[str]], right: list[frozenset[str]]) -> float:
    if len(right) < _FEWEST_RIGHT // 2:
        return 0.0  # There is nothing to compare with: what wrong answers share is told, not tested.
    mine, others = sum(terms <= own for own in wrong), sum(terms <= own for own in right)
    if mine / len(wrong) <= others / len(right):
        return 1.0
    return fisher(mine, len(wrong), others, len(right))


def _middle(words: list[frozenset[str]], members: list[int]) -> float:
    return float(np.median([len(words[at]) for at in members]))


def _in_order(terms: frozenset[str], text: str) -> tuple[str, ...]:
    """Return terms in the order in which they first stand in a text."""
    lowered = text.lower()
    return tuple(sorted(terms, key=lambda term: (lowered.find(term), term)))
