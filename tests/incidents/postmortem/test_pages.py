"""Pages of postmortems: written, read, compared, and their actions."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.models import Postmortem
from incidents.postmortem import operations
from incidents.postmortem.queries import article_begun
from tests.incidents.postmortem.situations import a_draft, an_action, an_incident, published, resolved

pytestmark = pytest.mark.django_db


def test_it_is_begun_written_and_published_on_pages(web: Any, engineer: Any, manager: Any, as_actor: Any) -> None:
    author, second = web(engineer), web(manager)
    incident = an_incident(as_actor(engineer))
    begun = author.get(f"/postmortems/new/?from={incident.reference}")
    assert incident.reference in begun.content.decode()
    author.post("/postmortems/new/", {"about": incident.reference})
    postmortem = Postmortem.objects.get(incident=incident)
    here = postmortem.get_absolute_url()
    assert "Opened: Checkout returns 502" in author.get(here).content.decode()
    words = {"title": "What 502 taught", "impact": "12 minutes", "factors": "No cap\n\nNo alert", "version": 1}
    assert author.post(f"{here}write/", words).status_code == 302
    postmortem.refresh_from_db()
    assert postmortem.factors == ["No cap", "No alert"]
    stale = author.post(f"{here}write/", words)
    assert stale.status_code == 412
    assert "12 minutes" in stale.content.decode(), "nothing that was typed is lost"
    action = {
        "action_type": "prevent", "text": "Cap retries", "owner": engineer.pk, "due_at": "2027-01-10T12:00",
    }  # fmt: skip
    assert author.post(f"{here}actions/", action).status_code == 302
    refused = author.post(f"{here}actions/", {**action, "owner": ""})
    assert refused.status_code == 422
    assert "Cap retries" in refused.content.decode()
    assert author.post(f"{here}submit/", {}).status_code == 302
    assert author.post(f"{here}publish/", {}).status_code == 403
    assert second.post(f"{here}publish/", {}).status_code == 302
    assert "No alert" in second.get(f"{here}versions/1/").content.decode()
    assert second.get(f"{here}file.pdf").content.startswith(b"%PDF-")
    assert second.get("/postmortems/?tab=published").content.decode().count("What 502 taught") == 1


def test_an_article_of_a_confidential_queue_begins_for_its_team_alone(engineer: Any, as_actor: Any) -> None:
    draft = a_draft(as_actor(engineer))
    assert article_begun(draft, as_actor(engineer)).audience is None
    draft.about.team.confidential = True
    assert article_begun(draft, as_actor(engineer)).audience == [f"team:{draft.about.team_id}"]


def test_another_turn_is_offered_beside_the_text(web: Any, engineer: Any, as_actor: Any) -> None:
    draft = a_draft(as_actor(engineer))
    client = web(engineer)
    page = client.get(f"{draft.get_absolute_url()}write/").content.decode()
    assert f'hx-post="{draft.get_absolute_url()}wording/?field=impact"' in page
    said = client.post(f"{draft.get_absolute_url()}wording/?field=impact", {"impact": "It was human error"})
    assert "human error" in said.content.decode()
    assert client.post(f"{draft.get_absolute_url()}wording/?field=impact", {"impact": "Red"}).content.strip() == b""


def test_the_incident_says_what_its_closing_waits_for(web: Any, engineer: Any, manager: Any, as_actor: Any) -> None:
    incident = resolved(as_actor(engineer), priority=1)
    client = web(manager)
    part = client.get(f"/postmortems/about/{incident.reference}/").content.decode()
    assert Postmortem.objects.get(incident=incident).reference in part
    assert "ask for a waiver" in part
    assert client.post(f"/incidents/{incident.reference}/close/", {}).status_code == 409


def test_versions_are_compared(web: Any, engineer: Any, manager: Any, as_actor: Any) -> None:
    one = published(as_actor(engineer), as_actor(manager))
    draft = operations.revise(one, actor=as_actor(engineer))
    operations.edit(draft, actor=as_actor(engineer), version=draft.version, impact="For 14 minutes")
    page = web(manager).get(f"{draft.get_absolute_url()}compare/?from=1").content.decode()
    assert "<ins" in page
    assert "For 14 minutes" in page
    assert web(manager).get(f"{draft.get_absolute_url()}compare/?from=9").status_code == 404


@pytest.mark.parametrize("tab", ["overdue", "mine", "open", "done"])
def test_actions_are_listed_late_first(tab: str, web: Any, engineer: Any, agent: Any, as_actor: Any) -> None:
    draft = a_draft(as_actor(engineer))
    an_action(as_actor(engineer), draft, owner=agent, text="Late", due_at=timezone.now() - timedelta(days=1))
    an_action(as_actor(engineer), draft, text="In time")
    done = an_action(as_actor(engineer), draft, text="Finished")
    operations.finish_action(draft, done, actor=as_actor(engineer), outcome="It is")
    page = web(agent).get(f"/postmortems/actions/?tab={tab}").content.decode()
    shown = [text for text in ("Late", "In time", "Finished") if f">{text}</a>" in page]
    assert shown == {"overdue": ["Late"], "mine": ["Late"], "open": ["Late", "In time"], "done": ["Finished"]}[tab]
    assert "1 overdue" in page
