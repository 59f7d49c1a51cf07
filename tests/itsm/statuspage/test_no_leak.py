"""Nothing internal is public: forty words are planted wherever this page is tied to the house, and two hundred answers
to the public say none of them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from changes.models import Change
from incidents.incident import operations as incidents
from itsm.accounts.models import Membership, Team, User
from itsm.statuspage import snapshot
from itsm.statuspage.models import StatusPage, Subscriber
from itsm.statuspage.operations import keeping, notices, spans, subscribing
from itsm.statuspage.operations.maintenance import plan_maintenance
from tests.factories.slo import a_service, an_objective
from tests.itsm.statuspage.conftest import Acme

pytestmark = pytest.mark.django_db
NOTICES = 90


class Words:
    def __init__(self) -> None:
        self.given: list[str] = []

    def __call__(self) -> str:
        self.given.append(f"zq{len(self.given):02d}x")
        return self.given[-1]


def tied(acme: Acme, word: Words, as_actor: Any, manager: Any) -> Any:
    """Components, notices and people of the page, tied to records full of such words. Who speaks."""
    now, keeper = timezone.now(), as_actor(manager)
    team = Team.objects.create(slug=word(), name=word(), takes_work=True)
    speaker_user = User.objects.create(
        username=word(), name=word(), email=f"{word()}@example.org", roles=["agent", "manager"]
    )
    Membership.objects.create(user=speaker_user, team=team)
    speaker = as_actor(speaker_user)
    service = a_service(slug=word(), name=word(), description=word(), team=team)
    an_objective(slug=word(), name=word(), service=service)
    keeping.edit_component(
        acme.shop, actor=keeper, version=acme.shop.version, service=service, objective=word.given[-2]
    )  # fmt: skip
    inside = incidents.open_incident(actor=speaker, title=word(), description=word(), service=service)
    incidents.note(inside, actor=speaker, text=word())
    incidents.add_task(inside, actor=speaker, title=word())
    change = Change.objects.create(
        summary=word(), plan=word(), backout=word(), service=service, content_hash="0" * 64, created_at=now,
        artifact_version=word(), commit=word(),
    )  # fmt: skip
    told = notices.publish(
        acme.page, actor=speaker, at=now, title="Payments fail", body="We look into it.",
        states={acme.shop.pk: "major_outage"}, internal=inside.reference,
    )  # fmt: skip
    plan_maintenance(
        acme.page, actor=speaker, at=now, title="New disks", body="Short.", components=[acme.shop.pk],
        starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2), internal=change.reference,
    )  # fmt: skip
    word.given += [inside.reference, change.reference]
    _taken_off(acme, word, keeper, told)
    _subscribers(acme, word)
    return speaker


def _taken_off(acme: Acme, word: Words, keeper: Any, told: Any) -> None:
    """What once was public, or is for some."""
    now = timezone.now()
    notices.publish_update(told, actor=keeper, at=now, action="update", body=word())
    notices.withdraw_update(told.updates.first(), actor=keeper, at=now, reason=word())
    gone = keeping.add_component(acme.page, actor=keeper, at=now, name=word(), about=word(), group=word())
    spans.set_state(gone, actor=keeper, at=now, state="major_outage")
    keeping.retire_component(gone, actor=keeper, at=now)
    for visibility in ("signed_in", "key"):
        hidden = keeping.create_page(actor=keeper, name=word(), about=word(), visibility=visibility)
        part = keeping.add_component(hidden, actor=keeper, at=now, name=word())
        notices.publish(hidden, actor=keeper, at=now, title=word(), body=word(), states={part.pk: "major_outage"})
    old = keeping.create_page(actor=keeper, name=word())
    keeping.retire_page(old, actor=keeper, at=now)


def _subscribers(acme: Acme, word: Words) -> None:
    for _ in range(3):
        subscribing.subscribe(
            acme.page, address=f"{word()}@example.org", everything=True, components=[], at=timezone.now()
        )
    subscribing.confirm(Subscriber.objects.order_by("pk")[0], at=timezone.now())


@pytest.mark.heavy
def test_two_hundred_answers_say_no_planted_word(acme: Acme, client: Client, as_actor: Any, manager: Any) -> None:
    word = Words()
    speaker = tied(acme, word, as_actor, manager)
    for number in range(NOTICES):
        at = timezone.now() - timedelta(hours=12 * number)
        one = notices.publish(
            acme.page, actor=speaker, at=at, title=f"Something {number}", body="It fails.",
            states={acme.search.pk: "partial_outage"},
        )  # fmt: skip
        notices.publish_update(one, actor=speaker, at=at + timedelta(hours=1), action="resolve", body="It works.")
    assert len(set(word.given)) >= 40
    snapshot.build()
    paths = sorted(snapshot.public_files(timezone.now()))
    said = {path: client.get(f"/status/{path}") for path in paths}
    key = "k" * 30
    StatusPage.objects.filter(pk=acme.page.pk).update(visibility="key", key_hash=keeping.hash_of(key))
    below = [path.removeprefix("acme/") for path in paths if path.startswith("acme/")]
    said |= {f"~{path}": client.get(f"/status/acme/~{key}/{path}") for path in below}
    assert {answer.status_code for answer in said.values()} == {200}
    said |= {path: client.get(f"/status/{path}/") for path in ("no-such", "confirm/aaaaaaaaaa", "acme/incidents/none")}
    said["asked"] = client.post(f"/status/acme/~{key}/subscribe/", {"address": "no", "everything": "yes"})
    assert len(said) >= 200
    pattern = re.compile("|".join(word.given))
    assert [
        (path, pattern.findall(shown(answer))) for path, answer in said.items() if pattern.search(shown(answer))
    ] == []


def shown(answer: Any) -> str:
    return f"{answer.content.decode()} {dict(answer.headers)} {answer.cookies}"
