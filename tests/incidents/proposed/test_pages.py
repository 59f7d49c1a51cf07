"""Pages of proposals: the queue, one by itself, the part beside an incident, how they fared."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.proposals import operations, queries
from itsm.proposals.models import Proposal, ProposalPart
from itsm.work.models import Note
from tests.statements import statements

Proposed = Callable[..., Proposal]


def page(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return str(answer.content.decode())


def test_the_queue_shows_what_i_may_decide_with_its_reason_and_says_what_is_stale(
    incident: Incident, agent: User, auditor: User, proposed: Proposed, web: Any
) -> None:
    made = proposed(priority=1, title="<b>Printer</b>\u200b is down")
    shown = page(web(agent), "/proposals/")
    for text in ("INC-", "P3 Moderate", "P1 Critical", "Nobody prints on this floor.", "INC-7, the caller", "claude"):
        assert text in shown
    assert "<b>Printer</b>" not in shown
    assert "&lt;b&gt;Printer&lt;/b&gt;⟨U+200B⟩ is down" in shown
    assert made.reference not in page(web(auditor), "/proposals/")
    reading = page(web(auditor), "/proposals/?tab=all")
    assert made.reference in reading
    assert "data-decide" not in reading
    Incident.objects.filter(pk=incident.pk).update(priority=4)
    assert "Priority is P4 Low meanwhile." in page(web(agent), "/proposals/")


def test_nobody_else_sees_any_of_it(
    incident: Incident, requester: User, agent: User, proposed: Proposed, web: Any
) -> None:
    made = proposed(priority=1)
    client = web(requester)
    assert client.get("/proposals/").status_code == 403
    assert client.get(f"/proposals/{made.pk}/").status_code == 404
    assert page(client, f"/proposals/beside/incident/{incident.pk}/").strip() == ""
    assert "Nobody prints on this floor" not in page(client, incident.get_absolute_url())
    assert "Nobody prints on this floor" in page(web(agent), f"/proposals/beside/incident/{incident.pk}/")


def test_a_row_is_accepted_refused_and_undone(incident: Incident, agent: User, proposed: Proposed, web: Any) -> None:
    made, client = proposed(priority=1), web(agent)
    said = {"row": "on", "version": "1"}
    done = client.post(f"/proposals/{made.pk}/accept/", said)
    assert (done.status_code, "accepted" in done.content.decode()) == (200, True)
    assert 'data-decide="undo"' in done.content.decode()
    twice = client.post(f"/proposals/{made.pk}/accept/", said)
    assert (twice.status_code, twice["Content-Type"]) == (409, "text/plain; charset=utf-8")
    back = client.post(f"/proposals/{made.pk}/undo/", {"row": "on"})
    assert (back.status_code, 'data-decide="accept"' in back.content.decode()) == (200, True)
    incident.refresh_from_db()
    assert incident.priority == 3


def test_edited_on_its_own_page_and_dismissed_with_a_reason(
    incident: Incident, agent: User, proposed: Proposed, web: Any
) -> None:
    made, client = proposed(title="Printer is down", priority=1, add_labels=["printing"]), web(agent)
    boxes = {one.field: f"value-{one.pk}" for one in made.parts.all()}
    assert 'value="Printer is down"' in page(client, f"/proposals/{made.pk}/")
    typed = {boxes["title"]: "Printer is off", boxes["priority"]: "1", boxes["add_labels"]: "printing, floor-3"}
    wrong = client.post(f"/proposals/{made.pk}/accept/", {**typed, boxes["priority"]: "9", "edited": "on"})
    assert (wrong.status_code, "Printer is off" in wrong.content.decode()) == (400, True)
    assert client.post(f"/proposals/{made.pk}/accept/", {**typed, "edited": "on"}).status_code == 302
    incident.refresh_from_db()
    assert (incident.title, incident.priority, sorted(incident.labels)) == (
        "Printer is off",
        1,
        ["floor-3", "printing"],
    )
    found = dict(ProposalPart.objects.values_list("field", "state"))
    assert found == {"title": "edited", "priority": "accepted", "add_labels": "edited"}
    other = proposed(priority=2)
    assert client.post(f"/proposals/{other.pk}/dismiss/", {"why": "It is one room."}).status_code == 302
    assert "It is one room." in page(client, f"/proposals/{other.pk}/")


def test_a_drafted_reply_fills_the_composer_and_a_person_sends_it(
    incident: Incident, agent: User, proposed: Proposed, web: Any, as_actor: Callable[..., Actor]
) -> None:
    made, client = proposed("reply", text="We ordered <toner>."), web(agent)
    with pytest.raises(Exception, match="draft"):
        operations.accept(made, actor=as_actor(agent), at=timezone.now())
    assert not Note.objects.exists()
    filled = page(client, f"{incident.get_absolute_url()}?draft={made.pk}")
    assert "We ordered &lt;toner&gt;.</textarea>" in filled
    assert "Drafted by claude for engineer" in filled
    sent = {"text": "We ordered <toner>. It comes today.", "reply": "on", "draft": made.pk, "seen": "0"}
    assert client.post(f"{incident.get_absolute_url()}note/", sent).status_code == 302
    note = Note.objects.get()
    assert (note.by_id, note.private) == (agent.pk, False)
    assert made.parts.get().state == "edited"
    assert "as claude for engineer proposed" in page(client, incident.get_absolute_url())
    assert (
        "We ordered"
        not in page(client, f"{incident.get_absolute_url()}?draft={made.pk}")
        .split("<textarea")[1]
        .split("</textarea>")[0]
    )


def test_a_private_note_is_no_reply_and_a_draft_that_came_too_late_says_so(
    incident: Incident, agent: User, proposed: Proposed, web: Any, as_actor: Callable[..., Actor]
) -> None:
    made, client = proposed("reply", text="We ordered toner."), web(agent)
    client.post(f"{incident.get_absolute_url()}note/", {"text": "We ordered toner.", "draft": made.pk})
    assert made.parts.get().state == "waiting"
    incidents.reply(incident, actor=as_actor(agent), text="It is done.")
    assert "Somebody replied since this was drafted." in page(client, "/proposals/")


def test_empty_states_teach_and_the_report_counts_what_people_judged(
    incident: Incident, agent: User, proposed: Proposed, web: Any, as_actor: Callable[..., Actor]
) -> None:
    client, actor, now = web(agent), as_actor(agent), timezone.now()
    empty = page(client, "/proposals/")
    assert "nothing is written before somebody" in empty
    assert 'href="/agents/connect/"' in empty
    assert "Nothing was decided yet" in page(client, "/proposals/?tab=decided")
    assert "Nothing was proposed yet" in page(client, "/proposals/report/")
    operations.accept(proposed(priority=1), actor=actor, at=now)
    operations.accept(proposed(priority=2), actor=actor, at=now, values={"priority": 3})
    operations.dismiss(proposed(title="Printer"), actor=actor, at=now)
    late = proposed(impact=1)
    Incident.objects.filter(pk=incident.pk).update(impact=1)
    with pytest.raises(operations.Overtaken):
        operations.accept(late, actor=actor, at=now)
    proposed(urgency=1)
    [fared] = queries.how_they_fared(since=now.replace(year=2000), until=timezone.now())
    assert (fared.accepted, fared.edited, fared.dismissed, fared.overtaken, fared.waiting) == (1, 1, 1, 1, 1)
    assert fared.rate == pytest.approx(2 / 3)
    assert "66 %" in page(client, "/proposals/report/").replace("\u202f", " ").replace("\xa0", " ")


def test_the_desk_of_another_queue_finds_nothing(incident: Incident, agent: User, proposed: Proposed, web: Any) -> None:
    made = proposed(priority=1)
    hidden = Team.objects.create(name="Payroll", slug="payroll", takes_work=True, confidential=True)
    Incident.objects.filter(pk=incident.pk).update(team=hidden)
    client = web(agent)
    assert client.get(f"/proposals/{made.pk}/").status_code == 404
    assert client.post(f"/proposals/{made.pk}/accept/", {"row": "on"}).status_code == 404
    assert made.reference not in page(client, "/proposals/?tab=all")


def test_reading_what_is_proposed_of_a_confidential_record_is_noted(
    incident: Incident, agent: User, proposed: Proposed, web: Any, api: Any
) -> None:
    made = proposed(priority=1)
    Team.objects.filter(slug="desk").update(confidential=True)
    page(web(agent), f"/proposals/{made.pk}/")
    noted = Entry.objects.filter(record_kind=Incident.kind, record_id=incident.pk)
    assert [one.actor_id for one in noted] == [agent.pk]
    api(agent).get(f"/api/v1/proposals/{made.pk}/")
    assert noted.count() >= 1


def test_the_title_of_what_became_confidential_since_is_for_its_readers_alone(
    incident: Incident, agent: User, engineer: User, desk: Team, proposed: Proposed, web: Any, as_actor: Any
) -> None:
    other = Incident.objects.create(title="Who is let go", team=desk, opened_at=timezone.now())
    made = proposed("link", to=other.reference)
    hidden = Team.objects.create(name="Payroll", slug="payroll", takes_work=True, confidential=True)
    Membership.objects.create(user=engineer, team=hidden)
    places = ("/proposals/", f"/proposals/beside/incident/{incident.pk}/")
    for place in places:
        assert "Who is let go" in page(web(agent), place)
    Incident.objects.filter(pk=other.pk).update(team=hidden)
    for place in places:
        assert "Who is let go" not in page(web(agent), place), place
        assert "Who is let go" in page(web(engineer), place), place
    operations.dismiss(made, actor=as_actor(agent), at=timezone.now())
    assert "Who is let go" not in page(web(agent), made.get_absolute_url())
    assert "Who is let go" in page(web(engineer), made.get_absolute_url())


def test_a_long_queue_costs_as_many_statements_as_a_short_one(
    incident: Incident, agent: User, requester: User, proposed: Proposed, web: Any
) -> None:
    def more(number: int) -> None:
        another = Incident.objects.create(
            title=f"Cannot print {number}", team=incident.team, caller=requester, opened_by=requester,
            opened_at=timezone.now(),
        )  # fmt: skip
        proposed(about=another, priority=1)

    more(0)
    client, addresses = web(agent), ("/proposals/", "/proposals/?tab=all")
    first = {address: statements(client, address) for address in addresses}
    for number in range(1, 6):
        more(number)
    assert {address: statements(client, address) for address in addresses} == first
    assert max(first.values()) <= 30, first
