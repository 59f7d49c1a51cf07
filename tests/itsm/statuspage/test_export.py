"""A copy on another host is what is public now: what is no longer is taken away there too, or said to have stayed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from itsm.statuspage.models import StatusPage
from tests.itsm.scripted_server import Asked, Reply, Scripted, scripted
from tests.itsm.statuspage.conftest import Acme

pytestmark = pytest.mark.django_db


@dataclass
class Store:
    """Files that were put below /copy/, as any bucket or WebDAV folder keeps them; `keeps`: it knows no DELETE."""

    files: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    keeps: bool = False
    busy: int = 0

    def answer(self, asked: Asked) -> Reply:
        name = asked.path.removeprefix("/copy/")
        if self.busy:
            self.busy -= 1
            return Reply(503)
        match asked.method:
            case "PUT":
                self.files[name], self.types[name] = asked.body, asked.headers["Content-Type"]
                return Reply(201)
            case "DELETE":
                return Reply(405) if self.keeps else Reply(204 if self.files.pop(name, None) is not None else 404)
        return Reply(200, self.files[name]) if name in self.files else Reply(404)


@pytest.fixture
def server(monkeypatch: Any) -> Iterator[Scripted]:
    with scripted() as found:
        monkeypatch.setattr(settings, "OUTGOING_ALLOW", [f"127.0.0.1:{found.port}"])
        yield found


def test_what_is_public_no_longer_goes_from_the_copy_too(acme: Acme, server: Scripted, capsys: Any) -> None:
    store = Store(busy=1)
    server.answer = store.answer
    call_command("export_status", "--put", f"{server.url}/copy/")
    put = {name: body for name, body in store.files.items() if name != "status-files.txt"}
    assert capsys.readouterr().out == f"{len(put)} files\n"
    assert b"All systems are operational" in put["acme/index.html"]
    assert store.types["acme/index.html"].startswith("text/html")
    assert store.files["status-files.txt"].decode().splitlines() == sorted(put)
    assert [one.path for one in server.asked if one.method == "DELETE"] == []

    StatusPage.objects.update(visibility="signed_in")
    store.files["not/ours.html"] = b"another's"
    call_command("export_status", "--put", f"{server.url}/copy")
    assert not [name for name in store.files if name.startswith("acme/")]
    assert store.files["not/ours.html"] == b"another's"


def test_what_stays_there_is_said_and_tried_again(acme: Acme, server: Scripted) -> None:
    store = Store(keeps=True)
    server.answer = store.answer
    call_command("export_status", "--put", f"{server.url}/copy")
    StatusPage.objects.update(visibility="signed_in")
    for _ in range(2):
        with pytest.raises(CommandError, match=r"no longer public: .*acme/index\.html"):
            call_command("export_status", "--put", f"{server.url}/copy")
    store.keeps = False
    call_command("export_status", "--put", f"{server.url}/copy")
    assert not [name for name in store.files if name.startswith("acme/")]


def test_a_list_that_somebody_forged_takes_nothing_else_away(acme: Acme, server: Scripted) -> None:
    store = Store({"status-files.txt": b"../secret\n/etc/passwd\nhttp://other/x\n\nacme/old.html"})
    server.answer = store.answer
    call_command("export_status", "--put", f"{server.url}/copy")
    assert [one.path for one in server.asked if one.method == "DELETE"] == ["/copy/acme/old.html"]
