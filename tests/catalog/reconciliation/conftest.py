"""Who says what is true."""

import pytest

from itsm.kernel.actors import Actor


@pytest.fixture
def owner_actor(owner, as_actor) -> Actor:
    """A service owner, who keeps items and says what is one thing."""
    return as_actor(owner)
