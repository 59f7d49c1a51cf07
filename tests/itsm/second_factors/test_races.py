"""One code, one recovery code, one challenge sent twice at the same moment: exactly one comes in."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from itsm.accounts.models import User
from itsm.second_factors import codes, keys
from itsm.second_factors.models import CodeApp
from tests.itsm.second_factors.conftest import code_of, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
TOGETHER = 4


def together(do: Callable[[], bool]) -> int:
    """How many of several at once did it."""
    gate = Barrier(TOGETHER)

    def one() -> bool:
        try:
            gate.wait()
            return do()
        finally:
            connection.close()

    with ThreadPoolExecutor(TOGETHER) as pool:
        return sum(answer.result() for answer in [pool.submit(one) for _ in range(TOGETHER)])


def test_each_is_taken_by_exactly_one(ada: User, with_app: Callable[[User], CodeApp]) -> None:
    app, now = with_app(ada), timezone.now()
    code, recovery = code_of(app, 0, now), codes.new_recovery_codes(ada)[0]
    assert together(lambda: codes.take_app_code([app], code, now) is not None) == 1
    assert together(lambda: codes.take_recovery_code(ada.pk, recovery, now)) == 1
    assert together(lambda: keys._spend(b"a challenge", now)) == 1


def test_of_browsers_that_send_one_code_at_once_one_is_signed_in(
    ada: User, with_app: Callable[[User], CodeApp]
) -> None:
    app = with_app(ada)
    clients = [Client() for _ in range(TOGETHER)]
    for client in clients:
        sign_in(client, ada)
    code, queue = code_of(app), list(clients)
    together(lambda: queue.pop().post("/sign-in/second/", {"proof_code": code}).status_code == 302)
    assert [client.get("/profile/").status_code for client in clients].count(200) == 1
