"""Whom a change would hit: kept with its date, stale once it is another, what people added stays, and told ahead."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from catalog.models import Service
from changes.change.operations import impact
from changes.change.queries.impact import impact_of
from changes.models import Change
from itsm.accounts.models import User
from itsm.audit.models import Entry
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


def test_headroom_looks_by_itself_once_it_is_asked_and_each_night(
    planned: Change, asker: Actor, managing: Actor
) -> None:
    assert (impact.renew(T0), impact.take_owed(T0), impact.take_owed(T0)) == (0, 1, 0)
    assert [one.name for one in impact_of(planned, managing).now] == ["Ledger", "Till"]
    news = Entry.objects.filter(event="change.impact_taken", record_kind="change", record_id=planned.pk)
    assert news.count() == 1
    joined(late := a_service(name="Payroll"), host := an_item(name="db-7"))
    Change.objects.filter(pk=planned.pk).update(items=[host.pk])
    impact.add_impacted(planned, actor=asker, service=(shop := a_service(name="Shop")))
    night = T0 + timedelta(hours=21)
    assert (impact.take_owed(night), impact.renew(night), impact.renew(night)) == (0, 1, 0)
    planned.refresh_from_db()
    kept = impact_of(planned, managing)
    assert (kept.taken_at, kept.is_stale, kept.by_hand) == (night, False, [{"slug": shop.slug, "name": "Shop"}])
    assert late.slug in {one["service"] for one in planned.impact.found}
    assert news.count() == 2
    impact.renew(night + timedelta(days=1))
    assert news.count() == 2  # the same again is no news
    Change.objects.filter(pk=planned.pk).update(status="cancelled")
    assert impact.renew(night + timedelta(days=9)) == 0


def test_what_nothing_tells_of_is_added_and_taken_off_on_the_page(
    planned: Change, manager: User, approver: User, web: Callable[[User], Client]
) -> None:
    shop, where = a_service(name="Shop"), f"/changes/{planned.reference}/impacted/"
    browser = web(manager)
    assert '<select name="service" class="form-select"' in browser.get(where).content.decode()  # drawn as all others
    wrong = browser.post(f"{where}by-hand/", {"service": "nonsense"})
    assert (wrong.status_code, 'role="alert"' in wrong.content.decode()) == (422, True)
    assert web(approver).post(f"{where}by-hand/", {"service": shop.slug}).status_code == 403
    assert browser.post(f"{where}by-hand/", {"service": shop.slug}).status_code == 302
    told = browser.get(where).content.decode()
    assert "Take Shop off" in told
    assert "Take Shop off" not in web(approver).get(where).content.decode()
    assert browser.post(f"{where}by-hand/", {"service": shop.slug, "how": "remove"}).status_code == 302
    assert "Take Shop off" not in browser.get(where).content.decode()


def test_who_asked_and_works_here_no_more_is_told_of_no_service_that_is_not_theirs_to_see(
    manager: User, approver: User, web: Callable[[User], Client], as_actor: Callable[..., Actor]
) -> None:
    relies_on(till := a_service(name="Till"), service := a_measured_service(name="Ledger"))
    asked = change_of(ask(service, as_actor(manager)))
    impact.take_owed(T0)
    impact.add_impacted(asked, actor=as_actor(manager), service=(shop := a_service(name="Shop")))
    page, where = f"/changes/{asked.reference}/", f"/changes/{asked.reference}/impacted/"
    history = web(manager).get(page).context["events"]
    told = {delta.after for event in history for delta in event.deltas if delta.label == "Impacted"}
    assert told == {", ".join(sorted((service.slug, till.slug))), shop.slug}
    Service.objects.filter(pk__in=[till.pk, shop.pk]).update(audience=["staff"])
    User.objects.filter(pk=manager.pk).update(roles=["requester"])
    theirs = web(User.objects.get(pk=manager.pk))
    events = theirs.get(page).context["events"]
    assert not {till.slug, shop.slug} & {
        word for event in events for delta in event.deltas for word in f"{delta.before}, {delta.after}".split(", ")
    }
    for path, sent in ((f"{where}by-hand/", {"service": "nonsense"}), (f"{where}refresh/", {})):
        assert theirs.post(path, sent).status_code == 403  # nor do they read it in an answer to what they sent
