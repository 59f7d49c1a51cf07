"""Postmortems over REST: the contract's names, and what somebody may not see is not there."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.models import Postmortem
from itsm.accounts.models import Team
from tests.incidents.postmortem.situations import a_draft, an_action, an_incident, published, resolved, written

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/postmortems/"


def test_its_life_over_rest(api: Any, engineer: Any, manager: Any, as_actor: Any) -> None:
    author, second = api(engineer), api(manager)
    incident = an_incident(as_actor(engineer))
    made = author.post(ROOT, {"about": incident.reference}, format="json", HTTP_IDEMPOTENCY_KEY="one")
    assert (made.status_code, made.data["state"], made.data["about"]) == (201, "draft", incident.reference)
    again = author.post(ROOT, {"about": incident.reference}, format="json", HTTP_IDEMPOTENCY_KEY="two")
    assert again.status_code == 409
    here = f"{ROOT}{made.data['number']}/"
    said = {"impact": "ops should have noticed", "factors": ["No cap on retries"]}
    assert author.patch(here, said, format="json").status_code == 428
    assert author.patch(here, said, format="json", HTTP_IF_MATCH='"99"').status_code == 412
    kept = author.patch(here, said, format="json", HTTP_IF_MATCH=made["ETag"])
    assert kept.status_code == 200
    assert [(one["field"], one["found"]) for one in kept.data["wording"]] == [("impact", "should have noticed")]
    missing = author.post(f"{here}submit/", {}, format="json")
    assert (missing.status_code, len(missing.json()["missing"])) == (422, 1)
    action = {
        "action_type": "prevent", "text": "Cap retries", "owner": "engineer",
        "due_at": (timezone.now() + timedelta(days=3)).isoformat(),
    }  # fmt: skip
    assert author.post(f"{here}actions/", action, format="json").status_code == 201
    assert author.post(f"{here}submit/", {}, format="json").status_code == 200
    assert author.post(f"{here}publish/", {}, format="json").status_code == 403
    done = second.post(f"{here}publish/", {}, format="json")
    assert (done.status_code, done.data["state"], done.data["published"]) == (200, "published", 1)
    assert second.patch(here, said, format="json", HTTP_IF_MATCH=done["ETag"]).status_code == 409
    assert [one["number"] for one in second.get(f"{here}versions/").data] == [1]
    text = second.get(here.rstrip("/") + ".md")
    assert text["Content-Type"].startswith("text/markdown")
    assert "- No cap on retries" in text.content.decode()
    kept_text = second.get(here.rstrip("/") + ".md?version=1").content.decode()
    assert kept_text == text.content.decode()
    assert second.get(here.rstrip("/") + ".pdf").content.startswith(b"%PDF-")
    for wrong, status in (("?version=2", 404), ("?version=x", 400), ("?other=1", 400)):
        assert second.get(here.rstrip("/") + f".md{wrong}").status_code == status


def test_closing_a_grave_one_says_what_to_do(api: Any, engineer: Any, manager: Any, as_actor: Any) -> None:
    incident = resolved(as_actor(engineer), priority=1)
    refused = api(manager).post(f"/api/v1/incidents/{incident.reference}/close/", {}, format="json")
    assert refused.status_code == 409
    assert Postmortem.objects.get(incident=incident).reference in refused.json()["detail"]
    assert "waiver" in refused.json()["detail"]


def test_actions_of_all_and_by_owner(api: Any, engineer: Any, agent: Any, as_actor: Any) -> None:
    draft = a_draft(as_actor(engineer))
    late = an_action(as_actor(engineer), draft, owner=agent, due_at=timezone.now() - timedelta(days=1))
    an_action(as_actor(engineer), draft)
    client = api(engineer)
    rows = client.get(f"{ROOT}actions/?state=overdue").data["results"]
    assert [(one["id"], one["overdue"], one["owner"]) for one in rows] == [(late.pk, True, "agent")]
    owners = client.get(f"{ROOT}actions/by-owner/").data
    assert [(one["owner"], one["open"], one["overdue"]) for one in owners] == [("agent", 1, 1), ("engineer", 1, 0)]
    here = f"{ROOT}{draft.reference}/actions/{late.pk}/"
    assert api(agent).post(f"{here}done/", {}, format="json").status_code == 422
    assert api(agent).post(f"{here}done/", {"outcome": "Capped"}, format="json").data["outcome"] == "Capped"
    assert client.get(f"{ROOT}actions/?state=done").data["results"][0]["done_by"] == "agent"


def test_a_hidden_one_changes_no_byte(api: Any, engineer: Any, person: Any, manager: Any, as_actor: Any) -> None:
    seen = published(as_actor(engineer), as_actor(manager))
    client = api(engineer)
    paths = (ROOT, f"{ROOT}actions/", f"{ROOT}actions/by-owner/", f"{ROOT}{seen.reference}.md")
    before = [client.get(path).content for path in paths]
    unknown = client.get(f"{ROOT}PM-99999/")
    team = Team.objects.create(slug="hr", name="HR", confidential=True, takes_work=True)
    insider = as_actor(person("agent", team, username="insider"))
    hidden = written(insider, a_draft(insider, incident=an_incident(insider, team=team)))
    assert [client.get(path).content for path in paths] == before
    for tail in ("/", ".md", "/actions/", "/events/"):
        answer = client.get(f"{ROOT}{hidden.reference}{tail}")
        assert answer.status_code == 404
    there = client.get(f"{ROOT}{hidden.reference}/")
    assert there.json()["detail"] == unknown.json()["detail"].replace("PM-99999", hidden.reference)
    made = client.post(ROOT, {"about": hidden.about.reference}, format="json")
    assert made.status_code == 400
