"""PDF, by its pages; what it holds as images of text is not read."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from stratix.benchmarks.documents.base import BadDocument

NOUN = "page"


def read(path: Path) -> Iterator[str]:
    """Yield the text of the pages."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # It tells of every oddity.
    if b"%PDF-" not in path.read_bytes()[:1024]:
        raise BadDocument(f"{path.name} is no PDF: give it the suffix of what it is.")
    try:
        document = PdfReader(path)
        # Many that are protected from changes open with an empty password.
        if document.is_encrypted and not document.decrypt(""):
            raise BadDocument(f"{path.name} is protected by a password: save it without one.")
        for page in document.pages:
            yield page.extract_text()
    except (BadDocument, MemoryError):
        raise
    except DependencyError as error:
        raise BadDocument(f"{path.name} cannot be decrypted here: {error}") from None
    except (PyPdfError, OSError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        # Of a broken file the library raises what the broken place leads to.
        raise BadDocument(
            f"{path.name} cannot be read as PDF ({type(error).__name__}: {error}): save it anew, or as text."
        ) from None
    except RecursionError:
        raise BadDocument(f"{path.name} cannot be read as PDF: nested too deeply.") from None
