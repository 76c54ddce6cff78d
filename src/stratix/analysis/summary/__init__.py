"""The summary of an evaluation, from its own data alone: pure functions, no model needed.

`compose.summarize` puts it together from `facts.Facts`. Importing this package imports nothing: scipy and
scikit-learn are for the process that makes summaries, and `checking` is for the worker as well.
"""
