"""The Python client of Stratix."""
