"""What a team shares of what its members ask for: by its lead's word, from then on, never what is confidential."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from incidents.incident import operations as incidents
from itsm.accounts import operations as accounts
from itsm.accounts.models import Membership, Team, User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.portal.queries import shared
from tests.factories.requests import a_request, an_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales(db: None) -> Team:
    return Team.objects.create(slug="sales", name="Sales")


@pytest.fixture
def people(person: Callable[..., User], sales: Team) -> dict[str, User]:
    """lou leads sales, ann and ben are in it, mona is ann's manager, otto is of nothing."""
    made = {name: person("requester", *teams, username=name) for name, teams in
            {"lou": [sales], "ann": [sales], "ben": [sales], "mona": [], "otto": []}.items()}  # fmt: skip
    Membership.objects.filter(user=made["lou"]).update(lead=True)
    User.objects.filter(pk=made["ann"].pk).update(manager=made["mona"])
    return made


@pytest.fixture
def share(sales: Team, people: dict[str, User], as_actor: Callable[[User], Actor]) -> Callable[..., None]:
    def share(on: bool = True, by: str = "lou") -> None:
        now = Team.objects.get(pk=sales.pk)
        accounts.edit_queue(now, actor=as_actor(people[by]), version=now.version, shares_asks=on)

    return share


def report(actor: Actor, title: str, **more: Any) -> Any:
    return incidents.open_incident(actor=actor, title=title, **more)


def test_what_is_asked_from_then_on_is_seen_by_team_and_manager(
    people: dict[str, User], share: Any, as_actor: Callable[[User], Actor], api: Any, web: Callable[[User], Client]
) -> None:
    ann = as_actor(people["ann"])
    report(ann, "Before it was shared")
    assert not shared.sees_some(as_actor(people["ben"]))
    share()
    laptop = an_item("laptop")
    wanted, reported_ = a_request(ann, laptop), report(ann, "Screen flickers")
    seen = {name: [one.reference for one in shared.of_others(as_actor(people[name]), timezone.now())]
            for name in ("ben", "mona", "lou", "otto", "ann")}  # fmt: skip
    assert {wanted.reference, reported_.reference} <= {*seen["ben"]}
    assert seen["ben"] == seen["mona"] == seen["lou"]
    assert (seen["otto"], seen["ann"]) == ([], [])
    told = api(people["ben"]).get("/api/v1/portal/team/").json()
    assert (told["shared_with"], told["results"][-1]["who"]) == (["Sales"], "ann")
    page = web(people["ben"]).get("/portal/mine/?tab=team").content.decode()
    assert "Screen flickers" in page
    assert reported_.get_absolute_url() not in page
    assert web(people["ben"]).get(reported_.get_absolute_url()).status_code == 404
    assert "Screen flickers" not in web(people["otto"]).get("/portal/mine/?tab=team").content.decode()
    share(on=False)
    assert shared.of_others(as_actor(people["ben"]), timezone.now()) == []


def test_what_is_confidential_or_asked_for_somebody_else_is_not_shared(
    people: dict[str, User], share: Any, as_actor: Callable[[User], Actor], person: Callable[..., User]
) -> None:
    share()
    ann, ben = as_actor(people["ann"]), as_actor(people["ben"])
    secret = Team.objects.create(slug="hr", name="HR", takes_work=True, confidential=True)
    a_request(ann, an_item("complaint", team=secret))
    kept = report(ann, "About my pay")
    type(kept).objects.filter(pk=kept.pk).update(team=secret)
    agent = as_actor(person("agent", username="desk"))
    report(agent, "For ann by the desk", caller=people["ann"])
    assert shared.of_others(ben, timezone.now()) == []


def test_a_lead_alone_shares_and_whoever_asks_is_told(
    people: dict[str, User], share: Any, sales: Team, person: Callable[..., User], as_actor: Callable[[User], Actor],
    web: Callable[[User], Client],
) -> None:  # fmt: skip
    an_item("laptop")
    page = web(people["ann"])
    assert "Your team can see this" not in page.get("/portal/ask/laptop/").content.decode()
    for by in ("ann", "mona"):
        with pytest.raises(NotPermitted):
            share(by=by)
    people["root"] = person("admin", username="root")
    with pytest.raises(NotPermitted, match="A lead of Sales"):
        share(by="root")
    box = re.search(r'<input[^>]*name="shares_asks"[^>]*>', web(people["root"]).get("/teams/sales/").content.decode())
    assert box, "who keeps a queue reads what its lead may share"
    assert "disabled" in box[0]
    share()
    for path in ("/portal/ask/laptop/", "/portal/ask/"):
        assert "Your team can see this: Sales" in page.get(path).content.decode()
    assert "Your team can see this" not in web(people["otto"]).get("/portal/ask/").content.decode()
    share(on=False, by="root")
    sales.refresh_from_db()
    assert not sales.shares_asks


def test_who_is_put_into_a_team_shares_from_then_on(
    people: dict[str, User], share: Any, sales: Team, as_actor: Callable[[User], Actor]
) -> None:
    share()
    otto = as_actor(people["otto"])
    report(otto, "Before otto was told")
    Membership.objects.create(team=sales, user=people["otto"])
    later = report(otto, "Now they see")
    seen = shared.of_others(as_actor(people["ben"]), timezone.now())
    assert [one.reference for one in seen] == [later.reference]


def test_no_program_of_the_team_reads_what_people_share(
    people: dict[str, User], share: Any, sales: Team, person: Callable[..., User], as_actor: Callable[[User], Actor],
    api: Any,
) -> None:  # fmt: skip
    share()
    report(as_actor(people["ann"]), "Screen flickers")
    robot = person("engineer", sales, username="robot", account_type="service", owner=people["lou"])
    assert not as_actor(robot).is_human
    assert not shared.sees_some(as_actor(robot))
    assert shared.of_others(as_actor(robot), timezone.now()) == []
    assert [one.title for one in shared.of_others(as_actor(people["ben"]), timezone.now())] == ["Screen flickers"]
