"""Every page, light and dark, wide and narrow: no CSP violation, no script error, nothing too wide, axe clean."""

from pathlib import Path
from typing import Any

from catalog.models import Service
from changes.models import Change
from incidents.models import Incident
from slo.models import Objective

AXE = Path(__file__).resolve().parents[2] / ".cache" / "axe" / "axe.min.js"
GRAVE = {"serious", "critical"}


def pages() -> list[str]:
    burning = Service.objects.filter(objectives__budget__state="burning_fast").first()
    held = Change.objects.filter(verdict="postponed").first()
    waiting = Change.objects.filter(status="assessing", verdict__in=["peer", "cab"]).first()
    incident = Incident.objects.order_by("id").first()
    objective = Objective.objects.order_by("slug").first()
    assert None not in (burning, held, waiting, incident, objective)
    return [
        "/", "/services/", f"/services/{burning.slug}/", "/incidents/", incident.get_absolute_url(), "/incidents/new/",
        "/changes/", held.get_absolute_url(), waiting.get_absolute_url(), "/changes/new/", "/slos/",
        f"/slos/{objective.slug}/", "/profile/", "/notifications/", "/search/?q=checkout", "/problems/not-permitted/",
    ]  # fmt: skip


def look_at_every_page(visit: Any) -> list[str]:
    """Everything that is wrong with any page, as an administrator sees it."""
    faults: list[str] = []
    for width, dark in ((1440, False), (390, True)):
        with visit("admin", width=width, dark=dark) as seen:
            for path in pages():
                answer = seen.page.goto(path)
                if answer is None or answer.status != 200:
                    faults.append(f"{path}: {answer and answer.status}")
                    continue
                seen.page.wait_for_load_state("networkidle")
                faults += [f"{path} at {width}: {fault}" for fault in _faults(seen.page)]
            if not dark:
                seen.page.goto("/api/v1/docs/")
                seen.page.wait_for_selector(".opblock", timeout=20_000)
    return faults


def _faults(page: Any) -> list[str]:
    found: list[str] = []
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
        found.append("wider than the screen")
    # In the isolated world of the debugger, so that the page's own CSP stays as strict as it is.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("axe.run({resultTypes: ['violations']})")
    for violation in result["violations"]:
        if violation["impact"] in GRAVE:
            where = [node["target"] for node in violation["nodes"][:3]]
            found.append(f"axe {violation['id']}: {where}")
    return found
