"""How Sphinx builds the documentation: `make docs`."""

from __future__ import annotations

from importlib.metadata import version as installed_version

from pydantic import BaseModel
from sphinx.application import Sphinx

project = "Stratix"
author = "The Stratix authors"
copyright = "The Stratix authors, Apache-2.0"  # Sphinx fixes the name.
version = release = installed_version("open-stratix")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
# Docstrings mark code with single backticks.
default_role = "code"
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
napoleon_numpy_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = "Stratix"
html_copy_source = False
html_show_sphinx = False


def hide_fields(
    app: Sphinx, what: str, name: str, item: object, options: object, signature: str, returns: str
) -> tuple[str, str] | None:
    """Leave the fields of a schema to its attributes: as a signature they are one unreadable line."""
    return ("", "") if isinstance(item, type) and issubclass(item, BaseModel) else None


def setup(app: Sphinx) -> None:
    """Register what this file adds to Sphinx."""
    app.connect("autodoc-process-signature", hide_fields)
