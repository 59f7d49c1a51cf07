"""What the log says where the database was busy or away: why, and nothing that rows hold."""

import psycopg2
import pytest
from django.db import OperationalError, connection

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


@pytest.mark.django_db
def test_it_is_no_word_of_a_value_where_the_first_line_quotes_it() -> None:
    with pytest.raises(OperationalError) as met, connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsquery", ["secret" * 500])
    assert "secret" in str(met.value).splitlines()[0]
    assert said_by_the_database(met.value) == "ProgramLimitExceeded"
