"""A kept connection is asked whether it lives only where something came over it."""

from typing import Any

import pytest
from django.db import connections

from itsm import silence
from itsm.accounts.models import Team


@pytest.mark.django_db(transaction=True)
def test_a_connection_is_asked_only_where_something_came_over_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    wrapper: Any = connections["default"]
    ask = wrapper.is_usable

    def is_usable() -> bool:
        asked.append(ask())
        return asked[-1]

    monkeypatch.setattr(wrapper, "is_usable", is_usable)
    wrapper.ensure_connection()
    wrapper.health_check_enabled, wrapper.health_check_done = True, False
    Team.objects.count()
    assert (wrapper.health_check_done, asked) == (True, [])
    gone = wrapper.connection
    other = wrapper.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [gone.info.backend_pid])
    other.close()
    wrapper.health_check_done = False
    assert Team.objects.count() >= 0, "on a new connection"
    assert wrapper.connection is not gone
    assert asked == [False]
    gone.close()
    assert not silence.is_silent(gone)
