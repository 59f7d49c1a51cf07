"""What could relax an answer waits for a second person: how it is proposed, confirmed, and shown on both doors."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.services import operations as catalog
from catalog.services.operations.dependencies import dependency_slugs
from incidents.incident import operations as incidents
from incidents.models import Incident, Priority
from itsm.accounts.models import User
from itsm.approvals import confirming
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotPermitted, StaleVersion
from itsm.notifications.models import Notification
from itsm.notifications.web_addresses import our_address
from slo.measuring import operations as measuring_operations
from slo.models import DataSource, Objective, ObjectiveVersion
from slo.objectives import operations
from slo.objectives.queries.members import MemberTerms, current_members
from tests.factories.slo import a_service, an_indicator, an_objective, evaluated, measured, steady

pytestmark = pytest.mark.django_db
Api, Web, As = Callable[..., APIClient], Callable[[User], Client], Callable[..., Actor]


@pytest.fixture
def objective() -> Objective:
    """Measured, healthy, and deciding about changes."""
    now = timezone.now().replace(second=0, microsecond=0)
    made = an_objective(now)
    assert made.indicator is not None
    measured(made.indicator, steady(now, 120), now)
    assert evaluated(made, now).level == "healthy"
    return made


def edited(objective: Objective, actor: Actor, **said: Any) -> Objective:
    return operations.edit_objective(objective, actor=actor, version=objective.version, at=timezone.now(), **said)


def confirmed(actor: Actor) -> Confirmation:
    waiting = Confirmation.objects.waiting().get()
    return confirming.confirm(waiting, actor=actor, at=timezone.now(), version=waiting.version)


def test_lower_terms_are_proposed_and_done_once_confirmed(
    objective: Objective, engineer: User, owner: User, manager: User, as_actor: As
) -> None:
    answer = edited(objective, as_actor(engineer), target=Decimal("0.99"), name="Easier", window_days=14)
    objective.refresh_from_db()
    assert answer.awaits is not None
    assert (objective.target, objective.version, objective.name) == (Decimal("0.999"), 1, objective.name)
    told = {one["what"]: (one["before"], one["after"]) for one in answer.awaits.differences}
    assert told["Target"] == ("0.999", "0.99")
    assert set(Notification.objects.values_list("to__username", flat=True)) == {"owner", "manager"}
    confirmed(as_actor(owner))
    objective.refresh_from_db()
    assert (objective.target, objective.window_days, objective.name) == (Decimal("0.99"), 14, "Easier")
    assert ObjectiveVersion.objects.filter(objective=objective).count() == 2


def test_the_same_wish_waits_once(objective: Objective, engineer: User, as_actor: As) -> None:
    first, second = (edited(objective, as_actor(engineer), target=Decimal("0.99")) for _ in range(2))
    assert first.awaits is not None
    assert first.awaits == second.awaits


def test_members_and_indicators_survive_the_wait(
    objective: Objective, engineer: User, owner: User, as_actor: As
) -> None:
    one, other = an_indicator(), an_indicator()
    members = [MemberTerms(one, Decimal("0.99"), Decimal(1)), MemberTerms(other, Decimal("0.9"), Decimal("0.5"))]
    assert edited(objective, as_actor(engineer), members=members).awaits
    confirmed(as_actor(owner))
    kept = Objective.objects.get(pk=objective.pk)
    assert kept.indicator_id is None
    assert [(m.indicator, m.target, m.weight) for m in current_members(kept)] == [
        (one, Decimal("0.99"), Decimal(1)), (other, Decimal("0.9"), Decimal("0.5")),
    ]  # fmt: skip


def test_what_was_changed_meanwhile_is_not_confirmed(
    objective: Objective, engineer: User, owner: User, as_actor: As
) -> None:
    edited(objective, as_actor(engineer), target=Decimal("0.99"))
    edited(objective, as_actor(engineer), target=Decimal("0.9999"))
    with pytest.raises(StaleVersion):
        confirmed(as_actor(owner))
    assert Confirmation.objects.waiting().exists()


def test_stricter_terms_and_words_apply_at_once_for_programs_too(
    objective: Objective, pipeline: User, as_actor: As
) -> None:
    kept = edited(objective, as_actor(pipeline), target=Decimal("0.9995"), description="Better")
    assert (kept.awaits, kept.target) == (None, Decimal("0.9995"))
    with pytest.raises(NotPermitted, match="Programs"):
        edited(kept, as_actor(pipeline), target=Decimal("0.9"))


def test_what_does_not_gate_and_what_was_never_measured_waits_for_nobody(
    engineer: User, manager: User, pipeline: User, as_actor: As
) -> None:
    told, new = an_objective(timezone.now(), gating=False), an_objective(timezone.now())
    assert edited(told, as_actor(pipeline), target=Decimal("0.9")).awaits is None
    assert edited(new, as_actor(manager), target=Decimal("0.9")).awaits is None
    with pytest.raises(NotPermitted):
        edited(Objective.objects.get(pk=new.pk), as_actor(pipeline), target=Decimal("0.8"))
    mine = operations.create_objective(
        actor=as_actor(pipeline), at=timezone.now(), slug="mine", name="Mine", service=a_service(),
        indicator=an_indicator(), target=Decimal("0.99"),
    )  # fmt: skip
    assert edited(mine, as_actor(pipeline), target=Decimal("0.9")).awaits is None, "its author sets it right"
    Objective.objects.filter(pk=mine.pk).update(created_at=timezone.now() - timedelta(hours=1, minutes=1))
    with pytest.raises(NotPermitted):
        edited(Objective.objects.get(pk=mine.pk), as_actor(pipeline), target=Decimal("0.8"))


def test_a_retirement_waits(objective: Objective, engineer: User, owner: User, as_actor: As) -> None:
    kept = operations.retire_objective(objective, actor=as_actor(engineer), version=1, at=timezone.now())
    assert (kept.retired_at, kept.awaits is not None) == (None, True)
    confirmed(as_actor(owner))
    assert Objective.objects.get(pk=objective.pk).retired_at is not None


def test_another_address_of_a_source_waits(engineer: User, manager: User, as_actor: As) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    source = measuring_operations.create_source(actor=as_actor(engineer), slug="prom", url="http://prom.example")
    indicator = an_indicator(source="prometheus", data_source=source, good_query="good", total_query="all")
    an_objective(now, indicator=indicator)
    assert (
        measuring_operations.edit_source(source, actor=as_actor(engineer), version=1, url="http://a.example").awaits
        is None
    )
    measured(indicator, steady(now, 5), now)
    kept = measuring_operations.edit_source(
        source, actor=as_actor(engineer), version=2, url="http://b.example", name="B"
    )
    assert (kept.awaits is not None, DataSource.objects.get().url) == (True, "http://a.example")
    confirmed(as_actor(manager))
    assert (DataSource.objects.get().url, DataSource.objects.get().name) == ("http://b.example", "B")


@pytest.fixture
def grave(agent: User) -> Incident:
    actor = Actor.system("tests")
    return incidents.open_incident(actor=actor, title="Down", service=a_service(), priority=1)


def test_an_incident_that_holds_changes_is_made_smaller_by_two(
    grave: Incident, agent: User, engineer: User, as_actor: As
) -> None:
    kept = incidents.edit(grave, actor=as_actor(agent), version=1, priority=3)
    assert (kept.awaits is not None, kept.priority) == (True, 1)
    incidents.acknowledge(grave, actor=as_actor(agent))
    with pytest.raises(NotPermitted, match="Four eyes"):
        confirmed(as_actor(agent))
    confirmed(as_actor(engineer))
    grave.refresh_from_db()
    assert (grave.priority, grave.status) == (Priority.MODERATE, "in_progress")
    assert incidents.edit(grave, actor=as_actor(agent), version=grave.version, priority=1).awaits is None


def test_a_priority_that_moved_meanwhile_is_looked_at_again(
    grave: Incident, agent: User, engineer: User, as_actor: As
) -> None:
    incidents.edit(grave, actor=as_actor(agent), version=1, priority=2)
    incidents.edit(grave, actor=Actor.system("tests"), version=1, priority=4)
    with pytest.raises(Conflict):
        confirmed(as_actor(engineer))


def test_cancelling_it_waits_and_resolving_does_not(grave: Incident, agent: User, engineer: User, as_actor: As) -> None:
    assert incidents.cancel(grave, actor=as_actor(agent), cancel_code="not_an_incident", reason="A drill").awaits
    confirmed(as_actor(engineer))
    grave.refresh_from_db()
    assert (grave.status, grave.reason) == ("cancelled", "A drill")


def test_a_service_is_made_less_important_by_two(owner: User, manager: User, as_actor: As) -> None:
    bank, shop = a_service(), a_service(tier=1)
    wired = catalog.edit_service(
        shop, actor=as_actor(owner), version=1, depends_on=[{"any_of": [bank], "needs": 1}]
    )  # fmt: skip
    kept = catalog.edit_service(shop, actor=as_actor(owner), version=wired.version, tier=3, depends_on=[])
    assert (kept.awaits is not None, kept.tier, len(dependency_slugs(kept))) == (True, 1, 1)
    confirmed(as_actor(manager))
    shop.refresh_from_db()
    assert (shop.tier, len(dependency_slugs(shop))) == (3, 0)
    assert catalog.edit_service(shop, actor=as_actor(owner), version=shop.version, tier=1).awaits is None


def test_both_doors_say_where_it_waits(objective: Objective, engineer: User, owner: User, api: Api, web: Web) -> None:
    where = f"/api/v1/slos/{objective.slug}/"
    answer = api(engineer).patch(where, {"target": "0.9"}, format="json", HTTP_IF_MATCH='"1"')
    assert answer.status_code == 202
    reference = answer.json()["confirmation"]["reference"]
    assert answer["Location"] == our_address(f"/api/v1/confirmations/{reference}/")
    retired = api(engineer).delete(where, HTTP_IF_MATCH='"1"')
    assert (retired.status_code, retired.json()["waits_for"]) == (202, "a second person")
    page = web(engineer).get(f"/slos/{objective.slug}/").content.decode()
    assert reference in page
    shown = web(owner).get(f"/confirmations/{reference}/").content.decode()
    assert "Before and after" in shown
    assert "0.999" in shown
    assert reference in web(owner).get("/confirmations/").content.decode()
    done = web(owner).post(f"/confirmations/{reference}/confirm/", {"version": "1"})
    assert done.status_code == 302
    objective.refresh_from_db()
    assert objective.target == Decimal("0.9")


def test_the_second_persons_door_in_rest(objective: Objective, engineer: User, owner: User, api: Api) -> None:
    api(engineer).patch(f"/api/v1/slos/{objective.slug}/", {"target": "0.9"}, format="json", HTTP_IF_MATCH='"1"')
    where = f"/api/v1/confirmations/{Confirmation.objects.get().reference}"
    assert api(engineer).post(f"{where}/confirm/", {}, format="json", HTTP_IF_MATCH='"1"').status_code == 403
    assert api(owner).post(f"{where}/confirm/", {}, format="json").status_code == 428
    assert api(owner).post(f"{where}/confirm/", {}, format="json", HTTP_IF_MATCH='"9"').status_code == 412
    declined = api(owner).post(f"{where}/decline/", {"reason": "No"}, format="json", HTTP_IF_MATCH='"1"')
    assert (declined.status_code, declined.json()["status"]) == (200, "declined")
    assert api(owner).post(f"{where}/confirm/", {}, format="json", HTTP_IF_MATCH='"2"').status_code == 409


def test_pages_of_measurers_allowances_and_quarantine(
    objective: Objective, manager: User, engineer: User, web: Web
) -> None:
    assert objective.indicator is not None
    slug = objective.indicator.slug
    desk = web(manager)
    assert desk.post(f"/slos/indicators/{slug}/measurers/", {"measurers": "engineer"}).status_code == 302
    assert desk.post(f"/slos/indicators/{slug}/measurers/", {"measurers": "nobody-here"}).status_code == 422
    until = (timezone.now() + timedelta(days=30)).date().isoformat()
    allowed = desk.post(f"/slos/{objective.slug}/self-measuring/", {"reason": "A small team", "until": until})
    assert allowed.status_code == 302
    page = desk.get(f"/slos/{objective.slug}/").content.decode()
    assert "A small team" in page
    assert "engineer" in page
    now = timezone.now().replace(second=0, microsecond=0)
    text = f"minute,good,total\n{now:%Y-%m-%d %H:%M},2000000,2000000\n"
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = web(engineer).post(
        f"/slos/indicators/{slug}/upload/", {"file": SimpleUploadedFile("f.csv", text.encode())}
    ).content.decode()  # fmt: skip
    assert "far more than the usual traffic" in sent
    assert "Not counted yet" in desk.get(f"/slos/{objective.slug}/").content.decode()
    shown = desk.get(f"/slos/indicators/{slug}/").content.decode()
    assert "2,000,000" in shown
    aside = objective.indicator.quarantined.get()
    assert desk.post(f"/slos/quarantine/{aside.pk}/discard/", {"version": "1"}).status_code == 302
    aside.refresh_from_db()
    assert aside.status == "discarded"
