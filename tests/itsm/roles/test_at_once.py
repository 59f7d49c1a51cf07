"""A8: what a person may ends with the commit that takes it, under clients that go on asking."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from itsm.accounts.models import OwnRole, User
from itsm.accounts.operations import edit_person
from itsm.kernel.actors import Actor
from itsm.roles import operations
from tests.slo.proving import examples

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.in_turn(3, at=2)]
CLIENTS = 4
ADDRESS = "/api/v1/problems/"


def test_fifty_role_changes_under_parallel_clients_let_nobody_in_after_the_commit(
    admin: User, requester: User, api: Callable[..., APIClient], as_actor: Callable[..., Actor]
) -> None:
    """A request that began after a taking and ended before the next giving is refused. Taken in turns: from the person,
    and by retiring the role."""
    clients = [api(requester) for _ in range(CLIENTS)]
    actor = as_actor(admin)
    stop, phase = threading.Event(), [0]  # even: taken; odd: being given, or held
    wrong: list[int] = []
    asked = [0] * CLIENTS

    def ask(number: int) -> None:
        try:
            while not stop.is_set():
                began = phase[0]
                status = clients[number].get(ADDRESS).status_code
                if began == phase[0] and began % 2 == 0 and status == 200:
                    wrong.append(began)
                asked[number] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        for turn in range(examples(50)):
            slug = f"night-{turn}"
            role = operations.make_role(
                actor=actor, at=timezone.now(), name=f"Night {turn}", slug=slug, rights=["incidents.respond"]
            )
            phase[0] += 1
            edit_person(requester, actor=actor, version=None, version_required=False, own_roles=[slug])
            assert api(requester).get(ADDRESS).status_code == 200
            if turn % 2:
                edit_person(requester, actor=actor, version=None, version_required=False, own_roles=[])
            else:
                operations.retire_role(
                    role, actor=actor, version=OwnRole.objects.get(slug=slug).version, at=timezone.now()
                )
            phase[0] += 1
            seen = sum(asked)
            while sum(asked) < seen + 2 * CLIENTS and not wrong:
                stop.wait(0.01)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert sum(asked) > examples(50)
