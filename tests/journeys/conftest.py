"""A real Chromium on the demo company: signed-in pages that report every CSP violation and script error."""

import io
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, sync_playwright

from tests.databases import Demo

# Playwright's loop runs in the test's thread; the ORM is used beside it, never inside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # The one without windows does the same for half of the CPU; Debian has it as a package of its own.
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no chromium; .ci/run installs it.")
        pytest.skip("no chromium here: apt-get install chromium runs the browser journeys")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def company(live_server: Any, settings: Any, demo: Demo) -> Any:
    """The demo company behind a live server, brought up to now."""
    settings.DEMO = True
    settings.BASE_URL = live_server.url
    call_command("seed_demo", verbosity=0, stdout=io.StringIO(), stderr=io.StringIO())
    return live_server


class Watched:
    """A page and what went wrong on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        page.on("console", self._hear)

    def _hear(self, message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.wrong.append(f"csp on {self.page.url}: {message.text[:200]}")


@pytest.fixture
def visit(chromium: Browser, company: Any) -> Callable[..., Any]:
    """`with visit("approver") as seen: seen.page.goto(...)`; fails on any violation when it closes."""

    @contextmanager
    def open_as(role: str, *, width: int = 1440, dark: bool = False) -> Iterator[Watched]:
        context = chromium.new_context(
            base_url=company.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
        )
        seen = Watched(context.new_page())
        seen.page.goto("/sign-in/")
        seen.page.fill("#id_username", role)
        seen.page.fill("#id_password", "headroom")
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url(lambda url: "sign-in" not in url)
        yield seen
        context.close()
        assert seen.wrong == []

    return open_as
