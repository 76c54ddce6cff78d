"""The summary of an evaluation, from its own data alone: pure functions, no model needed.

`compose.summarize` puts it together from `facts.Facts`. Importing this package imports nothing: scipy and
scikit-learn are for the process that makes summaries, and `checking` is for the worker as well.
"""

from __future__ import annotations

FEWEST_FOR_CLUSTERS = 40
"""Wrong answers from which on it is worth looking for clusters of them, which takes scikit-learn."""
