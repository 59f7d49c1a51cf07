"""From a key on the list to its effect on the screen, in a real Chromium, while no answer of the server comes.

A key is timed from when the browser had it (the event's own time) to after the paint of the first frame in which its
effect stands: the cursor on the next row, the box of the row changed, the row marked as being sent with the wanted value
in its cell. What a key sends is held back until the last key of the round was seen.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CHROMIUM = ("chromium", "chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
# Before a key, what stands; afterwards, whether its effect does.
_EFFECTS = {
    "j": ("here()?.dataset.row ?? ''", "here() && here().dataset.row !== before"),
    "x": ("here().querySelector('input[type=checkbox]').checked",
          "here().querySelector('input[type=checkbox]').checked !== before"),
    "a": ("here().classList.contains('is-sending')", "!before && here().classList.contains('is-sending')"),
    "p 1": ("here().classList.contains('is-sending')", "!before && here().classList.contains('is-sending')"),
}  # fmt: skip
_TIMED = """(key, stood, stands) => {
  const here = () => document.querySelector("[data-row].is-here");
  const before = new Function("here", `return ${stood}`)(here);
  const effect = new Function("here", "before", `return Boolean(${stands})`);
  window.painted = new Promise((seen) => {
    setTimeout(() => seen(null), 5000);
    addEventListener("keydown", (event) => {
      const frame = () => {
        if (!effect(here, before)) return requestAnimationFrame(frame);
        const after = new MessageChannel();
        after.port1.onmessage = () => seen(performance.now() - event.timeStamp);
        after.port2.postMessage(null);
      };
      requestAnimationFrame(frame);
    }, {capture: true, once: true});
  });
}"""
_ROUND = ("j", "x", "x", "j", "a", "j", "p 1")  # what stays selected would be what the next key is for
_MOST_WITHOUT_EFFECT = 0.05  # a row that is taken already is not taken again


def figures(address: str, cookie: str, rows: int) -> dict[str, Any]:
    """Milliseconds by key, over at least `rows` of each. Where there is no Chromium: says so instead."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        return {"not measured": "no Chromium here"}
    times: dict[str, list[float | None]] = {key: [] for key in _EFFECTS}
    with _page(program, address, cookie) as page:
        while len(times["a"]) < rows:
            _round(page, times)
    return {key: _told(key, found) for key, found in times.items()}


@contextmanager
def _page(program: str, address: str, cookie: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        context = browser.new_context(base_url=address, viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
        yield context.new_page()
        browser.close()


def _round(page: Any, times: dict[str, list[float | None]]) -> None:
    """Down the page from its first row until five are left, with everything that is sent held back meanwhile."""
    held: list[Any] = []
    page.goto("/incidents/?tab=team")
    page.wait_for_load_state("networkidle")
    page.route("**/*", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    for _ in range(max(1, (page.locator("[data-row]").count() - 5) // 3)):
        for key in _ROUND:
            times[key].append(_seen(page, key))
    if not held:
        raise RuntimeError("No key has sent anything: nothing was held back.")
    for route in held:
        route.abort()
    page.unroute("**/*")


def _seen(page: Any, key: str) -> float | None:
    """None where no effect was seen in five seconds."""
    *first, last = key.split()
    for letter in first:
        page.keyboard.press(letter)
    stood, stands = _EFFECTS[key]
    page.evaluate(f"([key, stood, stands]) => ({_TIMED})(key, stood, stands)", [key, stood, stands])
    page.keyboard.press(last)
    seen: float | None = page.evaluate("window.painted")
    return seen


def _told(key: str, found: list[float | None]) -> dict[str, Any]:
    times = sorted(one for one in found if one is not None)
    if len(found) - len(times) > max(1, len(found) * _MOST_WITHOUT_EFFECT):
        raise RuntimeError(f"{len(found) - len(times)} of {len(found)} times {key} had no effect in five seconds.")

    def at(share: float) -> float:
        return round(times[min(len(times) - 1, int(len(times) * share))], 1)

    return {"keys": len(times), "p50_ms": at(0.5), "p95_ms": at(0.95), "max_ms": at(1)}
