"""How soon somebody is signed in: by a password (the form's post), and by a provider (OpenID Connect, coming back).

`python -m tests.bench.signin [SIGN_INS]` starts the web server as `make run` does and prints the figures as one JSON
line: milliseconds from the first byte sent to the answer. Coming back asks the provider's token address on loopback,
verifies its token, finds the account and its groups, and makes the session; half of the people are new.
"""

import http.client
import http.cookies
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode, urlsplit

import django

PASSWORD = "long and known to the bench"


def run(sign_ins: int = 200) -> dict[str, Any]:
    django.setup()
    from django.utils import timezone

    from itsm.accounts.models import User
    from itsm.identity.models import IdentityProvider
    from tests.bench import server, world
    from tests.itsm.single_sign_on.oidc_provider import CLIENT, playing

    _token, manager = world.people()
    manager.set_password(PASSWORD)
    manager.save()
    with playing() as there:
        os.environ["HEADROOM_OUTGOING_ALLOW"] = there.url.removeprefix("http://")
        at = timezone.now()
        provider = IdentityProvider.objects.create(
            slug="bench", name="Bench", protocol="oidc", sign_up="everybody", asked_at=at, trusted_at=at,
            made_by=manager, configuration={"issuer": there.url, "client_id": CLIENT},
        )  # fmt: skip
        provider.mappings.create(group="eng", role="engineer", asked_at=at, trusted_at=at, mapped_by=manager)
        with server.desk() as desk:
            for number in range(10):  # what is prepared once per process is not what is measured
                _by_password(desk.port, manager.username)
                _by_provider(desk.port, there, f"warm-{number}")
            typed = [_by_password(desk.port, manager.username) for _turn in range(sign_ins)]
            back = [_by_provider(desk.port, there, f"sub-{turn // 2}") for turn in range(sign_ins)]
    return {
        "sign_ins": sign_ins, "accounts_made": User.objects.filter(identities__provider=provider).count() - 10,
        **_cuts("password", typed), **_cuts("provider", back),
    }  # fmt: skip


def _cuts(name: str, taken: list[float]) -> dict[str, float]:
    cuts = quantiles(taken, n=20)
    return {f"{name}_p50_ms": round(1000 * cuts[9], 1), f"{name}_p95_ms": round(1000 * cuts[18], 1)}


class _Browser:
    """One browser: keeps its cookies, follows nothing."""

    def __init__(self, port: int) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """(status, where it leads, the page)"""
        headers = {"Cookie": "; ".join(f"{name}={one}" for name, one in self.cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.line.request(method, path, urlencode(form) if form is not None else None, headers)
        answer = self.line.getresponse()
        page = answer.read().decode()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self.cookies |= {key: one.value for key, one in http.cookies.SimpleCookie(value).items()}
        return answer.status, answer.getheader("Location") or "", page


@contextmanager
def _browser(port: int) -> Iterator[_Browser]:
    made = _Browser(port)
    try:
        yield made
    finally:
        made.line.close()


def _by_password(port: int, username: str) -> float:
    with _browser(port) as browser:
        _status, _location, page = browser.ask("GET", "/sign-in/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if token is None:
            raise RuntimeError("The sign-in page has no form.")
        form = {"csrfmiddlewaretoken": token[1], "username": username, "password": PASSWORD, "next": ""}
        began = time.perf_counter()
        status, _location, said = browser.ask("POST", "/sign-in/", form)
        spent = time.perf_counter() - began
    if status != 302:
        raise RuntimeError(f"{status}: {said[:300]}")
    return spent


def _by_provider(port: int, there: Any, sub: str) -> float:
    with _browser(port) as browser:
        _status, address, _page = browser.ask("GET", "/sign-in/with/bench/")
        query = there.sign_in(address, sub=sub, email=f"{sub}@bench.test", groups=["eng"])
        path = urlsplit("/sign-in/with/bench/back/").path
        began = time.perf_counter()
        status, _location, said = browser.ask("GET", f"{path}?{urlencode(query)}")
        spent = time.perf_counter() - began
    if status != 302:
        raise RuntimeError(f"{status}: {said[:300]}")
    return spent


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(*map(int, sys.argv[1:]))) + "\n")
