"""The database is gone: what is for everybody is served, what is not says when to come again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from itsm.run import ports
from itsm.statuspage import snapshot
from itsm.statuspage.models import StatusPage
from tests.itsm.statuspage.conftest import Acme


@pytest.fixture
def darkness() -> Iterator[Any]:
    """Called, nobody answers where the database was, until the end of the test."""
    before = connection.settings_dict["PORT"]

    def fall() -> None:
        connection.close()
        connection.settings_dict["PORT"] = str(ports.free())

    yield fall
    connection.close()
    connection.settings_dict["PORT"] = before


@pytest.mark.django_db(transaction=True)
def test_without_a_database_the_public_reads_on(
    acme: Acme, web: Any, requester: Any, client: Client, darkness: Any, tmp_path: Path
) -> None:
    StatusPage.objects.create(slug="inside", name="Inside", visibility="signed_in")
    signed_in = web(requester)
    snapshot.build()
    darkness()
    for visitor in (client, signed_in):
        assert b"All systems are operational" in visitor.get("/status/acme/").content
        assert json.loads(visitor.get("/status/acme/api/v2/status.json").content)["status"]["indicator"] == "none"
        assert visitor.head("/status/acme/feed.rss").status_code == 200
        assert visitor.get("/status/acme")["Location"] == "/status/acme/"
        visitor.raise_request_exception = False
        for path in ("inside/", "acme/no-such/", "confirm/aaaaaaaaaa/"):
            away = visitor.get(f"/status/{path}")
            assert (path, away.status_code) in {(path, 503), ("confirm/aaaaaaaaaa/", 404)}
        asked = visitor.post("/status/acme/subscribe/", {"address": "a@example.org", "everything": "yes"})
        assert (asked.status_code, asked["Retry-After"]) == (503, "60")
    call_command("export_status", "--to", str(tmp_path / "copy"))
    assert (tmp_path / "copy" / "acme" / "index.html").read_bytes() == client.get("/status/acme/").content
