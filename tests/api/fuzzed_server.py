"""A real web server beside the test: gunicorn on the test's own database, and the schema with a world in it."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

from django.db import connection, connections

from itsm.run import environment, ports
from itsm.run.places import ROOT
from tests.api.held_to_schema import schema
from tests.api.routes import routes
from tests.api.world import World


@contextmanager
def serving(folder: Path, **more: str) -> Iterator[str]:
    """The address of a server that answers from what this test has committed. Stopped before the tables are emptied.

    `more`: of its environment.
    """
    port, log = ports.free(), (folder / "web.log").open("wb")
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", "itsm.wsgi:application", "--config", str(ROOT / "itsm/run/web.py")]
    web = subprocess.Popen(command, cwd=ROOT, env=_surroundings(port, address) | more, stdout=log, stderr=log)
    try:
        _wait(web, address, folder / "web.log")
        yield address
    finally:
        web.terminate()
        web.wait(30)
        log.close()
        connections.close_all()


def _surroundings(port: int, address: str) -> dict[str, str]:
    at = connection.settings_dict
    url = f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
    return environment.full({"DATABASE_URL": url, "DATABASE_OWNER_URL": url, "REDIS_URL": os.environ["REDIS_URL"]}) | {
        "DJANGO_SETTINGS_MODULE": "itsm.settings_test",
        "HEADROOM_BASE_URL": address,
        "HEADROOM_SECRET_KEY": _key(),
        "WEB_BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": "1",
        "WEB_WAITERS": "0",  # a fuzzer that says wait=25 is answered at once
    }


def _key() -> str:
    """The tokens that the test issued are known by its key."""
    from django.conf import settings

    return str(settings.SECRET_KEY)


def _wait(web: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    """Until it answers at all. It has ended: the log says why."""
    while True:
        assert web.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"{address}/livez", timeout=60).close()
        except HTTPError:
            return
        except (URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return


def schema_with(world: World) -> dict[str, Any]:
    """The schema, in which path parameters name records that are there and bodies have an example that is accepted."""
    document = json.loads(json.dumps(schema()))
    for route in routes():
        address = world.path(route.name)
        path, values = _template(address, document["paths"])
        operation = document["paths"][path].get(route.method.lower())
        if operation is None:
            continue
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                kind = int if parameter["schema"]["type"] == "integer" else str
                parameter["schema"] = {"enum": [kind(values[parameter["name"]])]}
        body = world.body(route.name, route.method)
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body and content:
            content["examples"] = {"usable": {"value": body}}
    return document


def with_usable_bodies(document: dict[str, Any]) -> dict[str, Any]:
    """The same, in which a write takes its usable body alone: so much is made that there is something to walk to."""
    for operation in (one for item in document["paths"].values() for one in item.values() if isinstance(one, dict)):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        if usable := content.get("examples", {}).get("usable"):
            only = {**content, "schema": {"enum": [usable["value"]]}}
            operation["requestBody"]["content"] = {"application/json": only}
    return document


def _template(address: str, paths: dict[str, Any]) -> tuple[str, dict[str, str]]:
    address = address.partition("?")[0]  # what is asked about it is the fuzzer's to say
    for path in sorted(paths, key=lambda one: one.count("{")):
        found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path), address)
        if found:
            return path, found.groupdict()
    raise AssertionError(f"{address} is not described")
