"""A million records, backed up and drilled: how long it takes (`make prove`)."""

import os
import time
from pathlib import Path

import pytest
from django.db import connection

from incidents.incident import operations as incidents
from itsm.run import backup, drill
from tests.api.world import SYSTEM, founded
from tests.run.test_backup import url_of
from tests.run.test_drill import Kept

RECORDS = 1_000_000
_COLUMNS = """
SELECT string_agg(CASE column_name WHEN 'id' THEN '10000 + n' ELSE quote_ident(column_name) END, ', ' ORDER BY ordinal_position),
       string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)
FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'
"""


def copied(table: str, times: int) -> None:
    """The newest row of a table so many times, with its indexes and keys; what guards its writes is off meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [table])
        values, names = cursor.fetchone()
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM (SELECT * FROM {table} ORDER BY id DESC LIMIT 1) one,"
            f" generate_series(1, {times}) n"
        )
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.mark.heavy
@pytest.mark.timeout(3000)
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(os.environ.get("PROOF") != "full", reason="minutes: make prove")
def test_a_million_records_are_restored_and_proven_within_a_quarter_of_an_hour(tmp_path: Path) -> None:
    founded()
    incidents.open_incident(actor=SYSTEM, title="One of a million")
    copied("incidents_incident", RECORDS)
    copied("audit_entry", 2 * RECORDS)
    home = Kept(tmp_path / "run", url_of(connection.settings_dict["NAME"]))
    began = time.monotonic()
    backup.back_up(home, tmp_path / "kept")
    print(f"backed up in {time.monotonic() - began:.0f} s")
    began = time.monotonic()
    drill.run(tmp_path / "kept", home)  # copies that nobody made have no history: what asks for one says so
    took = time.monotonic() - began
    holds = {one["check"]: one["holds"] for one in home.told[-1]["facts"]["checks"]}
    assert holds["rows"]
    assert holds["attachments"]
    assert holds["outgoing"]
    print(f"restored and proven in {took:.0f} s: {home.told[-1]['facts']}")
    assert took < 15 * 60
