"""Stratix: the server, engine, catalogue and command line of the evaluation platform."""

__version__ = "0.1.0"
