"""What must always hold, on pages, over REST and at /metrics."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from itsm.accounts.models import User
from itsm.home.measures import exposition
from itsm.invariants import operations
from itsm.invariants.asking import ask
from itsm.invariants.models import Auditor, Violation
from tests.itsm.invariants.test_rounds import REASON, answer, violated

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"
LIST = "/operations/invariants/"


def audited() -> None:
    now = timezone.now()
    operations.keep(list(ask(now, full=True)), at=now, full=True, role="reader")


def test_the_page_says_that_all_hold_that_nobody_looked_and_what_does_not(
    admin: User, engineer: User, auditor: User, web: Callable[[User], Client]
) -> None:
    page = web(auditor).get(LIST).content.decode()
    assert "No auditor has looked yet" in page
    audited()
    page = web(auditor).get(LIST).content.decode()
    assert "All hold." in page
    assert "No change runs without an authorisation" in page
    assert web(engineer).get(LIST).status_code == 403
    violated("I1", "CHG-00042")
    page = web(admin).get(LIST).content.decode()
    assert "people decide about every change until one of them clears it" in page
    shown = web(admin).get(f"{LIST}I1/").content.decode()
    assert "CHG-00042 was started without an authorisation" in shown
    assert web(admin).get(f"{LIST}I99/").status_code == 404
    Auditor.objects.update(looked_at=timezone.now() - timezone.timedelta(minutes=6))
    assert "The auditor is silent since" in web(admin).get(LIST).content.decode()


def test_clearing_asks_who_you_are_and_why(admin: User, auditor: User, web: Callable[[User], Client]) -> None:
    admin.set_password(PASSWORD)
    admin.save()
    one = violated("I3", "ask-1", kind="ask")
    operations.keep([answer("I3")], at=timezone.now())
    address = f"{LIST}violations/{one.pk}/clear/"
    browser = Client()
    browser.force_login(admin, backend="itsm.accounts.backends.PeopleOnly")
    assert browser.get(address).status_code == 200
    assert web(auditor).get(address).status_code == 403
    said = {"reason": REASON, "version": one.version}
    assert browser.post(address, said).status_code == 422  # without the password
    assert browser.post(address, said | {"password": PASSWORD, "reason": "mended"}).status_code == 422
    assert browser.post(address, said | {"password": PASSWORD}).status_code == 302
    shown = browser.get(f"{LIST}I3/").content.decode()
    assert REASON in shown
    assert Violation.objects.get().cleared_by == admin
    assert browser.post(f"{LIST}violations/0/clear/", said).status_code == 404


def test_over_rest(admin: User, engineer: User, api: Callable[..., Any]) -> None:
    audited()
    rows = api(admin).get("/api/v1/invariants/").json()
    assert {row["standing"] for row in rows} == {"holds"}
    one = violated("I1", "CHG-00042")
    rows = {row["id"]: row for row in api(admin).get("/api/v1/invariants/").json()}
    assert (rows["I1"]["standing"], rows["I1"]["violation"]) == ("violated", one.pk)
    shown = api(admin).get(f"/api/v1/invariant-violations/{one.pk}/").json()
    assert "CHG-00042" in shown["found"][0]
    assert api(engineer).get("/api/v1/invariants/").status_code == 403
    assert api(engineer).get(f"/api/v1/invariant-violations/{one.pk}/").status_code in (403, 404)


def test_the_metric_names_each_invariant(db: None) -> None:
    audited()
    violated("I1", "CHG-1", "CHG-2")
    said = exposition().decode()
    assert 'invariant_violations{id="I1"} 2.0' in said
    assert 'invariant_violations{id="I2"} 0.0' in said
