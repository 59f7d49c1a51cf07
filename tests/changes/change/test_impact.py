"""Whom a change would hit: kept with its date, stale once it is another, what people added stays, and told ahead."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from changes.change.operations import impact
from changes.change.queries.impact import impact_of
from changes.models import Change
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from tests.factories.catalog import an_item, joined, relies_on
from tests.factories.changes import a_measured_service, ask, change_of
from tests.factories.slo import T0, a_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned(asker: Actor, approver: User) -> Change:
    """A change of a service that another rests on; a host carries a third."""
    service = a_measured_service(name="Ledger")
    relies_on(a_service(name="Till"), service)
    return change_of(ask(service, asker))


def test_it_is_kept_with_its_date_and_stale_as_soon_as_it_is_another(
    planned: Change, asker: Actor, managing: Actor
) -> None:
    assert impact_of(planned, managing).taken_at is None
    impact.take_impact(planned, actor=asker, at=T0)
    kept = impact_of(planned, managing)
    assert (kept.taken_at, kept.is_stale, [one.name for one in kept.now]) == (T0, False, ["Ledger", "Till"])
    host = an_item(name="db-7")
    joined(late := a_service(name="Payroll"), host)
    Change.objects.filter(pk=planned.pk).update(items=[host.pk])
    planned.refresh_from_db()
    stale = impact_of(planned, managing)
    assert (stale.is_stale, stale.came, stale.went) == (True, [late.slug], [])
    later = T0 + timedelta(hours=1)
    impact.take_impact(planned, actor=asker, at=later)
    assert (impact_of(planned, managing).taken_at, impact_of(planned, managing).is_stale) == (later, False)


def test_looking_anew_never_loses_what_was_added_by_hand(planned: Change, asker: Actor, approving: Actor) -> None:
    shop = a_service(name="Shop")
    for _twice in range(2):
        impact.add_impacted(planned, actor=asker, service=shop)
    impact.take_impact(planned, actor=asker, at=T0)
    impact.take_impact(planned, actor=asker, at=T0 + timedelta(days=1))
    assert impact_of(planned, asker).by_hand == [{"slug": shop.slug, "name": "Shop"}]
    impact.remove_impacted(planned, actor=asker, service=shop)
    assert impact_of(planned, asker).by_hand == []
    with pytest.raises(NotPermitted):
        impact.take_impact(planned, actor=approving, at=T0)


def test_who_would_be_hit_as_well_is_shown_before_an_item_is_named(
    planned: Change, manager: User, web: Callable[[User], Client], api: Callable[[User], Client]
) -> None:
    host = an_item(name="db-7")
    joined(a_service(name="Payroll"), host)
    browser = web(manager)
    asked = {"service": planned.service.slug, "items": f"{host.reference}, CI-99999, nonsense"}
    page = browser.get("/changes/impacted-preview/", asked).content.decode()
    assert "Payroll" in page
    assert "Till" not in page  # its service reaches it already
    assert browser.get("/changes/impacted-preview/").status_code == 200
    part = browser.get(f"/changes/{planned.reference}/impacted/").content.decode()
    assert "nothing is kept yet" in part
    assert browser.post(f"/changes/{planned.reference}/impacted/refresh/").status_code == 302
    assert "nothing is different now" in browser.get(f"/changes/{planned.reference}/impacted/").content.decode()
    said = api(manager).get(f"/api/v1/changes/{planned.reference}/impacted/").json()
    assert said["impacted"][0]["service"] == planned.service.slug
    assert (said["is_stale"], said["came"], said["by_hand"]) == (False, [], [])
