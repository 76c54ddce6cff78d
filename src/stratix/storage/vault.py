"""Secrets at rest: the API keys of custom models and providers are encrypted, never in the clear."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import re
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

MIN_SECRET_LENGTH = 32
"""Characters a chosen secret key must have at least."""

_SHOWN = 4
_LONG_ENOUGH = 20
"""A secret shorter than this is not shown even in part."""
_PREFIX = re.compile(r"[A-Za-z]{2,4}[-_]")


class VaultError(Exception):
    """A stored secret cannot be read with the secret key in use."""


class Vault:
    """Encrypts and decrypts short texts with one secret key.

    Args:
        secret_key: any text of at least `MIN_SECRET_LENGTH` characters, hard to guess.

    Raises:
        ValueError: the secret key is too short.
    """

    def __init__(self, secret_key: str) -> None:
        if len(secret_key) < MIN_SECRET_LENGTH:
            raise ValueError(
                f"STRATIX_SECRET_KEY must have at least {MIN_SECRET_LENGTH} characters; make one with "
                "python -c 'import secrets; print(secrets.token_urlsafe(32))'"
            )
        digest = hashlib.sha256(secret_key.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))

    @classmethod
    def open(cls, secret_key: str, data_dir: Path) -> Vault:
        """Return the vault of an installation.

        Args:
            secret_key: the configured key; when empty, the file `secret.key` in `data_dir` holds it
                and is made, readable by its owner alone, if it is not there yet.
            data_dir: an existing folder.
        """
        return cls(secret_key or _key_file(data_dir / "secret.key"))

    def encrypt(self, text: str) -> str:
        """Return a text as a token that only this secret key can read."""
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """Return the text behind a token.

        Raises:
            VaultError: the token was made with another secret key, or is damaged.
        """
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken:
            raise VaultError(
                "a stored API key cannot be read with this secret key; start with the STRATIX_SECRET_KEY "
                "(or the file secret.key) it was stored with, or set that API key again"
            ) from None


def masked(secret: str) -> str:
    """Return what may be shown of an API key, such as `sk-…a1b2`; "" for one too short to show any of it."""
    if len(secret) < _LONG_ENOUGH:
        return ""
    prefix = _PREFIX.match(secret)
    return f"{prefix[0] if prefix else ''}…{secret[-_SHOWN:]}"


def _key_file(path: Path) -> str:
    if not path.exists():
        # Written aside and linked into place: of several processes starting at once one wins, and
        # none ever reads a half-written key.
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(32))
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()
    return path.read_text().strip()
