"""Waiting in a browser for what a page will say."""

import time
from typing import Any

from playwright.sync_api import Error


def until(page: Any, expression: str, arg: Any = None, seconds: float = 30.0) -> None:
    """Wait until this is true of the page. Asked anew each time from outside: Playwright's own way to wait asks in the
    page from the second time on, by `eval`, which the page's Content-Security-Policy forbids."""
    end = time.monotonic() + seconds
    while not _is_so(page, expression, arg):
        if time.monotonic() > end:
            raise AssertionError(f"It did not come true within {seconds:.0f} s: {expression}")
        page.wait_for_timeout(50)


def _is_so(page: Any, expression: str, arg: Any) -> bool:
    try:
        return bool(page.evaluate(expression, arg))
    except Error as error:
        if "context" in str(error):  # the page is just leaving for another one
            return False
        raise
