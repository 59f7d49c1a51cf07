"""Whether the database is still there, without asking it where nothing says otherwise.

Django asks `SELECT 1` on a kept connection before the first statement of each request: a round trip, which a page pays
for nearly always in vain. A server that ends or dies closes the connection, and an administrator's end of it is told
before: either can be read, so that only then the question is asked. One that hangs would not answer it either.
"""

import select
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper


def listen_before_asking() -> None:
    """For all connections of this process."""
    ask = BaseDatabaseWrapper.close_if_health_check_failed

    def listen(wrapper: Any) -> None:
        due = wrapper.connection is not None and wrapper.health_check_enabled and not wrapper.health_check_done
        if due and is_silent(wrapper.connection):
            wrapper.health_check_done = True
        else:
            ask(wrapper)

    BaseDatabaseWrapper.close_if_health_check_failed = listen  # type: ignore[method-assign, assignment]


def is_silent(connection: Any) -> bool:
    """Open on our side, and nothing came over it: no word, no end."""
    if connection.closed:
        return False
    looked = select.poll()
    looked.register(connection.fileno(), select.POLLIN | select.POLLPRI)
    return not looked.poll(0)
