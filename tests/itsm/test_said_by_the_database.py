"""What the log says where the database was busy or away: why, and nothing that rows hold."""

import psycopg2
from django.db import OperationalError

from itsm.kernel.errors import said_by_the_database


def caused(words: str) -> OperationalError:
    error = OperationalError(words)
    error.__cause__ = psycopg2.OperationalError(words)
    return error


def test_it_is_the_kind_and_the_first_line() -> None:
    said = said_by_the_database(caused("FATAL:  sorry, too many clients already\nDETAIL:  Key (login)=(ada) of a row"))
    assert said == "OperationalError: FATAL:  sorry, too many clients already"


def test_it_is_short_and_never_empty() -> None:
    assert said_by_the_database(OperationalError("")) == "OperationalError"
    assert len(said_by_the_database(caused("x" * 5000))) < 250
