"""Fixtures for tests in an environment like Colab's."""

from pathlib import Path

import pytest

from .environment import Base, Colab, base

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def colab_base() -> Base:
    """What all environments like Colab's share."""
    return base(ROOT / ".cache")


@pytest.fixture
def colab(colab_base: Base, tmp_path: Path) -> Colab:
    """A fresh environment like Colab's, the course not installed."""
    return Colab(colab_base, tmp_path / "colab")
