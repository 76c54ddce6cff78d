"""How limits a minute are stated for models."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from stratix.settings import Settings


def test_the_first_pattern_that_fits_counts():
    settings = Settings(rate_limits="gpt-4o=500/30000, gpt-*=60/-,claude-*=-/20000")
    assert settings.rate_limit("gpt-4o") == (500, 30_000)
    assert settings.rate_limit("gpt-4o-mini") == (60, None)
    assert settings.rate_limit("claude-opus-4-5") == (None, 20_000)
    assert settings.rate_limit("my/model") == (None, None)
    assert Settings().rate_limit("gpt-4o") == (None, None)


@pytest.mark.parametrize("text", ["gpt-4o", "gpt-4o=500", "=1/1", "gpt-4o=0/1", "gpt-4o=-1/5", "gpt-4o=a/b"])
def test_what_is_no_limit_is_refused_with_an_example(text):
    with pytest.raises(ValidationError, match="KEY=REQUESTS/TOKENS"):
        Settings(rate_limits=text)
