from typing import Any

from playwright.sync_api import Browser

from changes.models import Change
from incidents.models import AlertIntake, AlertOccurrence, Incident, Quiet


def test_shots(company: Any, chromium: Browser) -> None:
    one = AlertOccurrence.objects.filter(status="firing").first() or AlertOccurrence.objects.first()
    inc = Incident.objects.filter(channel="alert").order_by("-id").first()
    q = Quiet.objects.order_by("-id").first()
    print("quiets", Quiet.objects.count(), "alerts", AlertOccurrence.objects.count())
    change = Change.objects.filter(window_start__isnull=False).exclude(status__in=["closed", "cancelled"]).first()
    pages = {
        "list": "/alerts/",
        "all": "/alerts/?tab=all",
        "alert": f"/alerts/{one.pk}/",
        "parked": "/alerts/parked/",
        "body": f"/alerts/parked/{AlertIntake.objects.filter(status='parked').first().pk}/",
        "quiets": "/alerts/quiets/",
        "sources": "/alerts/sources/",
        "source": "/alerts/sources/old-checks/",
        "new": "/alerts/sources/new/",
        "routing": "/alerts/routing/",
        "incident": f"/incidents/{inc.reference}/",
        "change": f"/changes/{change.reference}/" if change else "/changes/",
    }
    for scheme in ("light", "dark"):
        for width in (1440, 390):
            context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
            page = context.new_page()
            wrong = []
            page.on("console", lambda m: wrong.append(m.text[:200]) if m.type == "error" else None)
            page.goto(company.url + "/sign-in/")
            page.fill("#id_username", "manager")
            page.fill("#id_password", "headroom")
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: "sign-in" not in url)
            for name, path in pages.items():
                if (
                    (scheme, width) != ("light", 1440)
                    and name in ("body", "new", "incident", "change")
                    and not (scheme == "light" and width == 390)
                ):
                    continue
                page.goto(company.url + path)
                page.wait_for_timeout(700 if name in ("incident", "change") else 250)
                page.screenshot(
                    path=f"/tmp/al15_shots/{name}_{scheme}_{width}.png", full_page=name not in ("incident", "change")
                )
                over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                if over > 0:
                    print("WIDE", name, width, over)
                if name == "routing" and scheme == "light":
                    page.select_option("select[name=source]", "alertmanager")
                    page.fill(
                        "textarea[name=body]",
                        '{"alerts":[{"labels":{"alertname":"Disk","service":"search","environment":"production"}},{"labels":{"alertname":"X","environment":"staging"}},{"labels":{"alertname":"Y"}}]}',
                    )
                    page.click("button:has-text('Which rule')")
                    page.wait_for_timeout(400)
                    page.screenshot(path=f"/tmp/al15_shots/bench_{scheme}_{width}.png", full_page=True)
            print(scheme, width, wrong[:5])
            context.close()
