"""What tests of several packages use."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("suite", deadline=None)  # a slow machine is no failure
settings.load_profile("suite")


@pytest.fixture(scope="session")
def tiny_bundle() -> Path:
    """A bundle with random weights and 400 tokens, 2 layers of 24, 2 authors: never write to it."""
    return Path(__file__).parent / "fixtures" / "tiny_bundle"
