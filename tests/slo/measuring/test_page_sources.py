"""Data sources and indicators on the page: health, sign-ins by name, trying one, uploads."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from itsm.accounts.models import User
from slo.engine.prefix import Counts
from slo.engine.samples import epoch_minute
from slo.measuring import operations
from slo.measuring.operations.files import MAX_ROWS_AT_ONCE
from slo.models import DataSource, Indicator
from tests.factories.slo import MEASURER, an_indicator, measured_by
from tests.slo.stored import stored

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]
PROM = {"name": "Prometheus", "slug": "prom", "url": "https://prom.example.org/", "auth": "none", "lag_minutes": "2"}


def test_a_source_is_made_and_edited_by_authors_and_read_by_all(
    engineer: User, manager: User, auditor: User, requester: User, web: Web
) -> None:
    browser = web(engineer)
    wrong = web(manager).post("/slos/sources/new/", PROM | {"auth": "bearer"})
    assert wrong.status_code == 400
    assert "the name of a secret" in wrong.content.decode()
    assert browser.post("/slos/sources/new/", PROM).status_code == 302
    made = DataSource.objects.get()
    assert (made.url, made.lag_minutes) == ("https://prom.example.org", 2)
    assert browser.post("/slos/sources/new/", PROM).status_code == 409
    more = PROM | {"auth": "basic", "username": "ada", "credential": "prom-secret", "version": made.version}
    more |= {"tenant_header": "X-Scope-OrgID", "tenant": "a"}
    assert browser.post("/slos/sources/prom/edit/", more).status_code == 403  # where a credential goes
    browser = web(manager)
    assert browser.post("/slos/sources/prom/edit/", more).status_code == 302
    assert browser.post("/slos/sources/prom/edit/", more).status_code == 412
    made.refresh_from_db()
    assert (made.auth, made.username, made.credential, made.tenant) == ("basic", "ada", "prom-secret", "a")
    assert "prom-secret" in web(auditor).get("/slos/sources/").content.decode()
    assert web(auditor).get("/slos/sources/prom/edit/").status_code == 403
    assert web(auditor).post("/slos/sources/prom/try/").status_code == 403
    assert web(requester).get("/slos/sources/").status_code == 403


def test_health_says_since_when_and_costs_the_same_for_many(engineer: User, web: Web) -> None:
    browser = web(engineer)
    since = timezone.now() - timedelta(hours=3)
    operations.create_source(actor=MEASURER, slug="first", url="http://first.example:9090")
    DataSource.objects.update(failing_since=since, last_error="Connection refused.")
    page = browser.get("/slos/sources/").content.decode()
    assert "Connection refused." in page
    assert "3\N{NARROW NO-BREAK SPACE}h ago" in page

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            browser.get("/slos/sources/")
        return len(asked)

    few = cost()
    for number in range(10):
        operations.create_source(actor=MEASURER, slug=f"source-{number}", url=f"http://s{number}.example:9090")
    assert cost() == few


def test_trying_a_source_that_is_not_there_or_has_no_secret(engineer: User, web: Web) -> None:
    browser = web(engineer)
    operations.create_source(actor=MEASURER, slug="away", url="http://127.0.0.1:9")
    answer = browser.post("/slos/sources/away/try/", headers={"HX-Request": "true"})
    assert "No good answer" in answer.content.decode()
    assert "<html" not in answer.content.decode()
    operations.create_source(
        actor=MEASURER, slug="locked", url="https://prom.example.org", auth="bearer", credential="nobody-put-it-there"
    )
    whole = browser.post("/slos/sources/locked/try/", {"query": "up"}).content.decode()
    assert "nobody-put-it-there" in whole
    assert "<html" in whole


def test_the_page_of_an_indicator(engineer: User, auditor: User, web: Web) -> None:
    check = {"way": "http", "url": "https://www.example.org/health"}
    made = an_indicator(slug="up", source="uptime", check=check)
    Indicator.objects.filter(pk=made.pk).update(
        failing_since=timezone.now(), last_error="This address may not be asked.", last_warning="Partial data."
    )
    made.check_made.last_result, made.check_made.last_checked_at = "It answered 500.", timezone.now()
    made.check_made.save()
    page = web(engineer).get("/slos/indicators/up/").content.decode()
    for words in ("https://www.example.org/health", "may not be asked", "Partial data.", "It answered 500."):
        assert words in page
    assert "Upload" not in page, "what Headroom measures takes no other measurements"
    assert 'href="/slos/indicators/up/"' in web(auditor).get("/slos/indicators/?failing=1").content.decode()
    assert 'href="/slos/indicators/up/"' not in web(auditor).get("/slos/indicators/?text=down").content.decode()


def _sent(browser: Client, slug: str, text: str) -> tuple[int, str]:
    file = SimpleUploadedFile("measured.csv", text.encode(), content_type="text/csv")
    answer = browser.post(f"/slos/indicators/{slug}/upload/", {"file": file})
    return answer.status_code, answer.content.decode()


def test_an_upload_counts_and_says_what_it_left_out(engineer: User, auditor: User, web: Web) -> None:
    made, browser = measured_by(an_indicator(slug="sent"), engineer), web(engineer)
    now = timezone.now().replace(second=0, microsecond=0)
    early, late, future = (now + timedelta(minutes=m) for m in (-2, -1, 90))
    text = f"minute,good,total\n{early:%Y-%m-%d %H:%M},9,10\n{late:%Y-%m-%d %H:%M},x,10\n{future:%Y-%m-%d %H:%M},1,1\n"
    status, page = _sent(browser, "sent", text)
    assert status == 200
    assert "1 minute accepted" in page
    assert "1 refused, 1 lines that cannot be read" in page
    assert "line 3" in page
    assert "This minute has not begun yet." in page
    assert stored(made) == {epoch_minute(early): Counts(1000, 10_000)}
    status, page = _sent(browser, "sent", "who,knows\n1,2\n")
    assert status == 422
    assert "The first line names the columns" in page
    assert _sent(web(auditor), "sent", text)[0] == 403


def test_an_upload_of_values_and_one_that_is_too_long(engineer: User, web: Web) -> None:
    browser = web(engineer)
    made = an_indicator(slug="values", measure="threshold", op="lt", threshold=Decimal("0.3"))
    measured_by(made, engineer)
    minute = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=5)
    assert _sent(browser, "values", f"time,value\n{minute:%Y-%m-%d %H:%M},0.4\n")[0] == 200
    assert stored(made) == {epoch_minute(minute): Counts(1000, 1000)}
    status, page = _sent(browser, "values", f"time,value\n{minute:%Y-%m-%d %H:%M},good,total\n")
    assert status == 422, page
    status, page = _sent(browser, "values", "time,value\n" + "\n" * (MAX_ROWS_AT_ONCE + 2))
    assert status == 400
    assert "more than 50,000 rows" in page
    assert "Split" in page


def test_more_than_one_batch_is_taken(engineer: User, web: Web) -> None:
    made = measured_by(an_indicator(slug="many"), engineer)
    now = timezone.now().replace(second=0, microsecond=0)
    lines = "\n".join(f"{now - timedelta(minutes=back):%Y-%m-%d %H:%M},1,1" for back in range(1, 12_001))
    status, page = _sent(web(engineer), "many", f"minute,good,total\n{lines}\n")
    assert status == 200
    assert "12000 minutes accepted" in page
    assert len(stored(made)) == 12_000
