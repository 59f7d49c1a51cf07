"""The real web server under its configuration: no header of a client becomes a setting of the server."""

import gc
import json
import os
import runpy
import socket
import sys
from collections.abc import Iterator

import pytest

from itsm.run import places, ports
from itsm.run.child import Child
from itsm.run.programs import WEB_SETTINGS
from tests.run.desks import eventually


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    number = ports.free()
    command = [sys.executable, "-m", "gunicorn", "tests.run.echo:application", "--config", str(WEB_SETTINGS)]
    machine = {name: value for name, value in os.environ.items() if name != "SCRIPT_NAME"}
    child = Child(
        "web", command, tmp_path_factory.mktemp("web"), workplace=places.ROOT,
        environment=machine | {"WEB_BIND": f"127.0.0.1:{number}", "WEB_CONCURRENCY": "1"},
    )  # fmt: skip
    child.start()
    eventually(lambda: not ports.is_free(number) or not child.is_running())
    yield number
    child.stop()


def asked(port: int, *headers: str, path: str = "/changes/") -> tuple[int, dict[str, str]]:
    """The status, and what the application was told."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as talk:
        lines = (f"GET {path} HTTP/1.1", "Host: desk.example", "Connection: close", *headers, "", "")
        talk.sendall("\r\n".join(lines).encode())
        answer = b"".join(iter(lambda: talk.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    return status, json.loads(body) if status == 200 else {}


NAMES = ("SCRIPT_NAME", "script_name", "Script_Name", "SCRIPT-NAME", "Script-Name", "PATH_INFO", "Path_Info",
         "PATH-INFO", "REMOTE_USER", "REMOTE_ADDR", "X_FORWARDED_FOR", "X_FORWARDED_PROTO", "X-Forwarded-Prefix",
         "X-Script-Name", "X_SCRIPT_NAME", "wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME")  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["/changes", "/elsewhere"])
def test_what_a_client_calls_a_setting_is_none(port: int, name: str, value: str) -> None:
    status, seen = asked(port, f"{name}: {value}", f"{name}: {value}")  # twice: neither the first nor the last wins
    assert status in {200, 400}
    if status == 200:
        assert (seen["SCRIPT_NAME"], seen["PATH_INFO"], seen["REMOTE_ADDR"]) == ("", "/changes/", "127.0.0.1")
        assert seen["HTTP_HOST"] == "desk.example"
        assert "REMOTE_USER" not in seen
        for merged in ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO"):
            assert merged not in seen, "an underscore must not pass for a hyphen"


@pytest.mark.parametrize("header", ["X-Forwarded-Proto: https", "X-Forwarded-Ssl: on", "X-Forwarded-Protocol: ssl"])
def test_https_is_not_the_servers_to_say(port: int, header: str) -> None:
    assert asked(port, header)[1]["wsgi.url_scheme"] == "http"


def test_the_lines_of_a_repeated_header_stay_in_their_order(port: int) -> None:
    _status, seen = asked(port, "X-Forwarded-For: 198.51.100.9", "X-Forwarded-For: 203.0.113.7")
    assert [part.strip() for part in seen["HTTP_X_FORWARDED_FOR"].split(",")] == ["198.51.100.9", "203.0.113.7"]


def test_once_read_the_application_is_never_searched_for_garbage_again() -> None:
    """A search of all that is loaded takes a fifth of a second, in which the process answers nobody."""
    before, loaded = gc.get_threshold(), [object()]
    gc.collect()
    assert any(one is loaded for one in gc.get_objects())
    try:
        runpy.run_path(str(WEB_SETTINGS))["when_ready"](None)
        assert not any(one is loaded for one in gc.get_objects()), "it is searched each time"
        assert gc.get_threshold()[0] > 10_000
    finally:
        gc.set_threshold(*before)
