"""Catalog items: a form of 60 questions and 30 conditions drawn and judged, and lists over 500 items.

    python -m tests.bench.requestable [items]

Drawing and judging are measured in the process, by the CPU that they take; pages and REST over the web server. Four of five
items are for everybody, one for a team. What the browser takes to react is in `reaction`, of the same form.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from typing import Any

import django
from django.utils import timezone

from tests.bench.load import Call, measured

_CLIENTS = (1, 4)
_SCRIPT = Path(__file__).resolve().parents[2] / "itsm/ui/static/headroom/js/form-conditions.js"


def a_long_form(questions: int = 60, conditions: int = 30) -> dict[str, Any]:
    """Every second question stands under a condition on the one before it."""
    asked = []
    for at in range(questions):
        kind = ("choice", "text", "whole", "date", "long", "yes_no")[at % 6]
        one: dict[str, Any] = {
            "key": f"q{at}",
            "label": f"Question {at}",
            "type": kind,
            "help": "Say it in your words.",
        }
        if kind == "choice":
            one["options"] = [{"key": f"o{n}", "label": f"Option {n}", "surcharge": n * 100} for n in range(8)]
        if at % 2 and at // 2 < conditions:
            one["show_when"] = {
                "any": [{"field": f"q{at - 1}", "op": "filled"}, {"field": "q0", "op": "is", "value": "o1"}]
            }
        asked.append(one)
    return {
        "sections": [{"key": f"s{n}", "title": f"Part {n}", "questions": asked[n * 12 : n * 12 + 12]} for n in range(5)]
    }


def main(items: int) -> dict[str, Any]:
    """Milliseconds of each, and how many items stand there."""
    from tests.bench import server

    slug, cookies = fill(items)
    found: dict[str, Any] = {"items": items, "load_before": os.getloadavg()[0], **_alone(slug)}
    paths = {
        "item": f"/catalog/items/{slug}/", "preview": f"/catalog/items/{slug}/preview/", "list": "/catalog/items/",
        "form over REST": f"/api/v1/catalog-items/{slug}/form/", "list over REST": "/api/v1/catalog-items/",
    }  # fmt: skip
    with server.desk() as desk:
        for who, cookie in cookies.items():
            headers = {"Cookie": f"sessionid={cookie}"}
            for name, path in paths.items():
                if name == "preview" and who == "requester":
                    continue
                measured(desk.port, [Call("GET", path)] * 8, 4, headers)
                for clients in _CLIENTS:
                    answers = measured(desk.port, [Call("GET", path)] * 80, clients, headers)
                    found[f"{name}, {who}, {clients}"] = answers.figures()
    found["reaction"] = _reaction()
    return found


def _alone(slug: str) -> dict[str, Any]:
    """Drawing and judging, without the web around them."""
    from django.template.loader import render_to_string

    from catalog.items.forms import draw
    from catalog.items.queries import judge
    from catalog.models import CatalogItem
    from tests.bench import world

    version = CatalogItem.objects.get(slug=slug).text
    raw = {"q0": "o1", "q1": "x", "q2": 7}

    def anew() -> None:
        version.__dict__.pop("asked", None)
        judge(version, raw, actor=world.OPERATOR, at=timezone.now())

    def drawn() -> None:
        render_to_string("catalog/items/partials/form.html", {"form": draw(version, actor=world.OPERATOR, raw=raw)})

    return {"parse and judge": _each(anew), "draw and render": _each(drawn)}


def _each(deed: Callable[[], None], rounds: int = 100) -> dict[str, float]:
    deed()
    taken = []
    for _at in range(rounds):
        before = time.process_time()
        deed()
        taken.append((time.process_time() - before) * 1000)
    cuts = quantiles(taken, n=20)
    return {"p50": round(cuts[9], 2), "p95": round(cuts[18], 2)}


def _reaction() -> dict[str, float] | None:
    """From a keystroke in the first question to what is shown, in Chromium; None where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        return None
    from django.template.loader import render_to_string
    from playwright.sync_api import sync_playwright

    from itsm.fields.form.drawing import drawn
    from itsm.fields.form.parsing import parse_form

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    form = drawn(parse_form(a_long_form()), raw=None, person=None, offered=lambda _defined: [])
    html = render_to_string("catalog/items/partials/form.html", {"form": form})
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.set_content(f"<form>{html}</form>")
        page.add_script_tag(path=str(_SCRIPT))
        taken: list[float] = page.evaluate(
            """() => Array.from({ length: 100 }, (_, at) => {
              const select = document.querySelector("select");
              const before = performance.now();
              select.value = at % 2 ? "o1" : "";
              select.dispatchEvent(new Event("change", { bubbles: true }));
              document.body.getBoundingClientRect();
              return performance.now() - before;
            })"""
        )
        browser.close()
    cuts = quantiles(taken, n=20)
    return {"p50": round(cuts[9], 2), "p95": round(cuts[18], 2)}


def fill(items: int) -> tuple[str, dict[str, str]]:
    """So many live items instead of what stands there. Returns the slug of the one with the long form, and the sessions
    of who asks, by name."""
    from catalog.items import operations
    from catalog.models import CatalogItem
    from itsm.accounts import operations as accounts
    from itsm.accounts.models import Team, User
    from tests.bench import world
    from tests.factories.items import BY_MANAGER, ONE_TASK

    people = {}
    for name, role in (("staff", "owner"), ("requester", "requester")):
        login = f"bench-items-{name}"
        user = User.objects.filter(username=login).first()
        people[name] = user or accounts.add_user(actor=world.OPERATOR, username=login, roles=[role])
    team = Team.objects.get_or_create(slug="bench-items", defaults={"name": "Bench of items"})[0]
    words = ("laptop", "access", "port", "screen", "licence", "badge", "mailbox", "database")
    CatalogItem.objects.all().delete()
    from itsm.accounts.actors import actor_for
    from itsm.kernel.actors import Door

    publisher, at = actor_for(people["staff"], Door.WEB), timezone.now()
    for number in range(items):
        item = operations.create_item(
            actor=world.OPERATOR, at=at, name=f"{words[number % 8].title()} {number}", team=team, owner=people["staff"],
            summary=f"What people ask for, the {number}th", category=words[number % 8], keywords=[f"k{number}"],
            form=a_long_form() if number == 0 else {"sections": []}, approval=BY_MANAGER, fulfilment=ONE_TASK, currency="EUR",
            entitlements=[{"token": f"team:{team.pk}", "allow": True}] if number % 5 == 4 else [],
        )  # fmt: skip
        operations.publish(item, actor=publisher, at=at)
    return "laptop-0", {name: world.cookie_of(user) for name, user in people.items()}


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500), indent=2) + "\n")
