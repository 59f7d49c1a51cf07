"""A board of three with a chair, and a change that it is asked about."""

from collections.abc import Callable
from typing import Any

import pytest

from changes.boards.operations import keeping
from changes.models import Board, Change
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from tests.factories.changes import a_measured_service, ask, change_of
from tests.factories.slo import T0

Sitting = dict[str, User]


@pytest.fixture
def sitting(person: Callable[..., User]) -> Sitting:
    """Four who may sit in boards, by name."""
    return {name: person("approver", username=name) for name in ("cleo", "marc", "mia", "ann")}


@pytest.fixture
def found(managing: Actor, sitting: Sitting) -> Callable[..., Board]:
    """Found a board of cleo (chair), marc and mia (members) and ann (adviser), with a quorum of two."""

    def make(**fields: Any) -> Board:
        seats = {
            sitting["cleo"]: "chair",
            sitting["marc"]: "member",
            sitting["mia"]: "member",
            sitting["ann"]: "adviser",
        }
        said: dict[str, Any] = {"name": "Change advisory board", "seats": seats, "quorum": 2}
        return keeping.found_board(actor=managing, at=T0, **said | fields)

    return make


@pytest.fixture
def asked(asker: Actor) -> Callable[..., Change]:
    """A normal change of a service that cannot be seen: a board decides about it."""

    def make(**words: Any) -> Change:
        service = words.pop("service", None) or a_measured_service("no_data", tier=1)
        return change_of(ask(service, asker, **words))

    return make
