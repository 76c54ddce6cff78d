"""Benchmarks: where their prompts come from, and how a prompt becomes a request."""
