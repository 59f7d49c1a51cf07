"""Every page, light and dark, wide and narrow: no CSP violation, no script error, nothing too wide, axe clean."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from drf_spectacular.generators import SchemaGenerator

from catalog.models import CI, Service
from changes.models import Allowance, Change
from incidents.models import AlertOccurrence, Incident, Major, Postmortem
from itsm.agents.models import Agent
from itsm.paging.models import EscalationPolicy
from slo.models import Objective
from tests.api.held_to_schema import schema
from tests.journeys.waiting import until
from tests.slo.proving import IN_FULL, TURN

AXE = Path(__file__).resolve().parents[2] / ".cache" / "axe" / "axe.min.js"
GRAVE = {"serious", "critical"}
OPTIONS = "{resultTypes: ['violations'], rules: {'target-size': {enabled: true}}}"
# Edges of what can be operated, against the surface they stand on: WCAG 1.4.11 asks for 3:1.
FAINT_EDGES = """
() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const part = (c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const ratio = (one, other) => {
    const [a, b] = [light(one), light(other)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = rgb(getComputedStyle(at).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255, 255];
  };
  const wanted = 'input:not([type=hidden]), textarea, select, .btn';
  return [...document.querySelectorAll(wanted)].filter((one) => one.getClientRects().length && !one.disabled).flatMap((one) => {
    const style = getComputedStyle(one);
    if (one.matches('.visually-hidden') && one.closest('label')) return []; // its label is what one sees
    if (/^(checkbox|radio|range|file)$/.test(one.type) && style.appearance !== 'none') return []; // the browser's own edge
    const around = ground(one.parentElement);
    const seen = Math.max(
      parseFloat(style.borderTopWidth) > 0 && style.borderTopStyle !== 'none' ? ratio(rgb(style.borderTopColor), around) : 1,
      ratio(ground(one), around),
    );
    return seen < 3 ? [`${one.tagName}.${one.className} ${one.name || one.textContent.trim().slice(0, 20)}: ${seen.toFixed(2)}`] : [];
  });
}
"""


def pages() -> list[str]:
    burning = Service.objects.filter(objectives__budget__state="burning_fast").first()
    held = Change.objects.filter(verdict="postponed").first()
    waiting = Change.objects.filter(status="assessing", verdict__in=["peer", "cab"]).first()
    incident = Incident.objects.order_by("id").first()
    objective = Objective.objects.order_by("slug").first()
    taught = Postmortem.objects.filter(published__gt=0).order_by("id").first()
    host = CI.objects.filter(ci_class__slug="physical_server").order_by("id").first()
    room = Major.objects.running().order_by("id").first()
    policy = EscalationPolicy.objects.standing().order_by("id").first()
    alert = AlertOccurrence.objects.order_by("id").first()
    agent, allowance = Agent.objects.alive().order_by("id").first(), Allowance.objects.order_by("id").first()
    assert None not in (
        agent,
        allowance,
        room,
        policy,
        alert,
        burning,
        held,
        waiting,
        incident,
        objective,
        host,
        taught,
    )
    return [
        "/", "/services/", f"/services/{burning.slug}/", f"/cis/CI-{burning.pk:05d}/impact/?direction=down", "/incidents/", incident.get_absolute_url(), "/incidents/new/", "/incidents/next/", "/incidents/board/",
        "/incidents/columns/", "/incidents/views/new/?query=state%3Dopen", "/incidents/?view=night-shift",
        "/cis/", f"/cis/CI-{host.pk:05d}/", f"/imports/of/CI-{host.pk:05d}/", "/imports/new/", "/imports/conflicts/",
        "/health/", "/health/findings/", "/catalog/items/", "/catalog/items/firewall-port/", "/catalog/items/firewall-port/build/", "/catalog/items/laptop/preview/", "/measures/", "/agreements/", "/settings/",
        "/keys/", "/on-call/", "/on-call/schedules/payments/", "/on-call/schedules/payments/edit/", "/on-call/mine/", "/reports/on-call/", "/changes/", held.get_absolute_url(), waiting.get_absolute_url(), "/changes/new/", "/slos/",
        f"/slos/{objective.slug}/", taught.get_absolute_url(), "/postmortems/actions/", "/reports/toil/", "/profile/", "/notifications/", "/search/?q=checkout", "/problems/not-permitted/", "/status/larkspur/", "/status-pages/larkspur/", "/status-pages/larkspur/incidents/new/",
        "/alerts/", "/alerts/sources/", "/alerts/routing/", f"/alerts/{alert.pk}/", "/majors/", room.get_absolute_url(), "/majors/rules/", "/escalation-policies/", policy.get_absolute_url(), f"{policy.get_absolute_url()}edit/", "/escalation-routes/", "/pages/", "/profile/paging/", "/settings/paging/",
        "/settings/workloads/", "/agents/", "/agents/connect/", agent.get_absolute_url(), "/proposals/?tab=all", "/allowances/", allowance.get_absolute_url(), "/settings/security/", "/settings/security/asvs/", "/operations/invariants/", "/operations/invariants/I1/", f"/changes/deliver/{burning.slug}/",
        "/deployments/", f"/deployments/{burning.slug}/", "/changes/start/", f"/changes/start/{burning.slug}/", f"/changes/start/{burning.slug}/shadow/",
        "/changes/experiments/", "/changes/experiments/new/", "/changes/reports/cost/", f"/changes/reports/dora/?service={burning.slug}", "/changes/reports/completeness/",
        "/changes/delivery/", "/changes/delivery/unmapped/", "/changes/delivery/routes/", "/changes/delivery/sources/", "/changes/delivery/sources/github/", "/changes/delivery/sources/new/",
    ]  # fmt: skip


def look_at_every_page(visit: Any) -> list[str]:
    """Everything that is wrong with any page, as an administrator sees it. Sampled: a third of them, each in one of the
    two ways, and the documentation of some routes."""
    found: list[str] = []
    for turn, (width, dark) in enumerate(((1440, False), (390, True))):
        with visit("admin", width=width, dark=dark) as seen:
            for path in pages() if IN_FULL else pages()[(TURN + 3 * turn) % 6 :: 6]:
                answer = seen.page.goto(path)
                if answer is None or answer.status != 200:
                    found.append(f"{path}: {answer and answer.status}")
                    continue
                seen.page.wait_for_load_state("networkidle")
                found += [f"{path} at {width}: {fault}" for fault in faults(seen.page)]
            if width < 800:
                found += _menu_of_a_phone(seen.page)
            if turn and not IN_FULL:
                continue
            with _documented():
                seen.page.goto("/api/v1/docs/")
                seen.page.wait_for_selector(".opblock", timeout=120_000)
            if seen.page.locator("nav.side").count() == 0:
                found.append("the API's documentation stands outside of the shell")
    return found


@contextmanager
def _documented() -> Iterator[None]:
    """All routes in full; else twenty, since to make the whole schema and to draw it takes as long as ten other pages."""
    if IN_FULL:
        yield
        return
    some = {**schema(), "paths": dict(list(schema()["paths"].items())[:20])}
    with patch.object(SchemaGenerator, "get_schema", lambda self, **_how: some):
        yield


def _menu_of_a_phone(page: Any) -> list[str]:
    """By the keyboard alone: opened, gone through, closed, with the focus where one expects it."""
    button = page.locator("button[aria-controls=side-more]")
    button.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    found = [f"the phone's navigation: {fault}" for fault in faults(page)]
    if not page.evaluate("document.activeElement.matches('#side-more a')"):
        found.append("the phone's navigation is not gone through by the keyboard")
    page.keyboard.press("Escape")
    if page.locator("#side-more a").first.is_visible() or not page.evaluate(
        "document.activeElement.matches('.side-opens')"
    ):
        found.append("the phone's navigation does not close by the keyboard")
    return found


def faults(page: Any) -> list[str]:
    """What is wrong with an open page: too wide, grave findings of axe, faint edges."""
    found: list[str] = []
    until(page, "document.readyState === 'complete' && document.body !== null")  # not one that is leaving
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
        found.append("wider than the screen")
    # In the isolated world of the debugger, so that the page's own CSP stays as strict as it is.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate(f"axe.run({OPTIONS})")
    for violation in result["violations"]:
        if violation["impact"] in GRAVE:
            where = [node["target"] for node in violation["nodes"][:3]]
            found.append(f"axe {violation['id']}: {where}")
    found += [f"edge below 3:1: {edge}" for edge in page.evaluate(FAINT_EDGES)[:5]]
    return found
