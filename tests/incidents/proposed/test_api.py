"""Proposals over REST: a person's own token decides, with what was read named."""

from collections.abc import Callable
from typing import Any

import pytest

from incidents.models import Incident
from itsm.accounts.models import Team, User
from itsm.proposals.models import Proposal

Proposed = Callable[..., Proposal]


def at(proposal: Proposal, verb: str = "") -> str:
    return f"/api/v1/proposals/{proposal.pk}/{verb + '/' if verb else ''}"


def test_read_accepted_dismissed_and_undone(incident: Incident, agent: User, proposed: Proposed, api: Any) -> None:
    made, client = proposed(priority=1, title="Printer is down"), api(agent)
    shown = client.get(at(made))
    assert (shown.status_code, shown["ETag"]) == (200, '"1"')
    assert shown.json()["agent"] == "claude"
    assert [one["value"] for one in shown.json()["parts"]] == ["Printer is down", 1]
    said = {"fields": ["priority"], "values": {"priority": 2}}
    assert client.post(at(made, "accept"), said, format="json").status_code == 428
    sent = {"HTTP_IF_MATCH": '"1"', "HTTP_IDEMPOTENCY_KEY": "once"}
    first = client.post(at(made, "accept"), said, format="json", **sent)
    again = client.post(at(made, "accept"), said, format="json", **sent)
    assert (first.status_code, again.status_code, first.json()) == (200, 200, again.json())
    assert [(one["state"], one["written"]) for one in first.json()["parts"]] == [("waiting", None), ("edited", 2)]
    incident.refresh_from_db()
    assert (incident.priority, incident.version) == (2, 2)
    stale = client.post(at(made, "dismiss"), {}, format="json", HTTP_IF_MATCH='"1"')
    assert stale.status_code == 412
    no = client.post(at(made, "dismiss"), {"why": "No."}, format="json", HTTP_IF_MATCH='"2"')
    assert (no.json()["state"], no.json()["parts"][0]["why"]) == ("decided", "No.")
    assert client.post(at(made, "undo"), {}, format="json").json()["parts"][0]["state"] == "waiting"


def test_what_overtook_it_is_said_and_kept(incident: Incident, agent: User, proposed: Proposed, api: Any) -> None:
    made, client = proposed(priority=1), api(agent)
    Incident.objects.filter(pk=incident.pk).update(priority=4)
    [shown] = client.get(f"/api/v1/proposals/?state=waiting&about=INC-{incident.pk}").json()["results"]
    assert shown["overtaken"] == {"priority": "Priority is P4 Low meanwhile."}
    late = client.post(at(made, "accept"), {}, format="json", HTTP_IF_MATCH='"1"', HTTP_IDEMPOTENCY_KEY="late")
    assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (409, "overtaken")
    assert client.get(at(made)).json()["parts"][0]["state"] == "overtaken"


def test_requesters_programs_and_who_may_not_change_it(
    incident: Incident, requester: User, pipeline: User, person: Any, proposed: Proposed, api: Any, auditor: User
) -> None:
    made = proposed(priority=1)
    for user, status in [(requester, 403), (pipeline, 403), (auditor, 403), (person("agent", username="else"), 403)]:
        answer = api(user).post(at(made, "accept"), {}, format="json", HTTP_IF_MATCH='"1"')
        assert answer.status_code == status, user
    assert api(requester).get("/api/v1/proposals/").status_code == 403
    hidden = Team.objects.create(name="Payroll", slug="payroll", takes_work=True, confidential=True)
    Incident.objects.filter(pk=incident.pk).update(team=hidden)
    assert api(auditor).get(at(made)).status_code == 404
    assert api(auditor).get("/api/v1/proposals/").json()["results"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [({"fields": ["caller"]}, 400), ({"fields": []}, 400), ({"values": {"priority": 77}}, 400), ({"values": 3}, 400)],
)
def test_bad_input(
    incident: Incident, agent: User, proposed: Proposed, api: Any, body: dict[str, Any], status: int
) -> None:
    made = proposed(priority=1)
    answer = api(agent).post(at(made, "accept"), body, format="json", HTTP_IF_MATCH='"1"')
    assert answer.status_code == status
    made.refresh_from_db()
    assert made.state == "waiting"
