"""The people of a change: who asks, who owns, who decides; and a word for each of them as an actor."""

from collections.abc import Callable

import pytest

from itsm.accounts.models import User
from itsm.kernel.actors import Actor


@pytest.fixture
def asker(pipeline: User, as_actor: Callable[..., Actor]) -> Actor:
    """The pipeline, as an actor."""
    return as_actor(pipeline)


@pytest.fixture
def owning(owner: User, as_actor: Callable[..., Actor]) -> Actor:
    return as_actor(owner)


@pytest.fixture
def approving(approver: User, as_actor: Callable[..., Actor]) -> Actor:
    return as_actor(approver)


@pytest.fixture
def managing(manager: User, as_actor: Callable[..., Actor]) -> Actor:
    return as_actor(manager)
