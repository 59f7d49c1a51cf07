"""A postmortem's life: written, published by another person, waived by two, revised into another version."""

import json
import re
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from incidents.models import Postmortem, PostmortemVersion
from incidents.postmortem import operations, queries
from incidents.postmortem.workflow import Status
from incidents.problem import operations as problems
from itsm.accounts.models import Team, User
from itsm.audit.models import Entry
from itsm.erasure import operations as erasing
from itsm.kernel.errors import (
    Conflict,
    MissingInformation,
    NotFound,
    NotPermitted,
    StaleVersion,
    VersionRequired,
    WrongState,
)
from itsm.notifications.models import Notification
from tests.incidents.postmortem.situations import a_draft, an_incident, published, waived, written

pytestmark = pytest.mark.django_db


def test_submitting_needs_a_factor_and_an_action_or_a_reason_for_none(engineer: Any, as_actor: Any) -> None:
    actor = as_actor(engineer)
    draft = a_draft(actor)
    with pytest.raises(MissingInformation) as told:
        operations.submit(draft, actor=actor)
    assert len(told.value.extra["missing"]) == 2
    draft = operations.edit(draft, actor=actor, version=draft.version, factors=["No alert"])
    with pytest.raises(MissingInformation, match="Add an action"):
        operations.submit(draft, actor=actor, no_actions_because=" \u200b")
    draft = operations.submit(draft, actor=actor, no_actions_because="The supplier is replaced already")
    assert (draft.status, draft.no_actions_because) == (Status.REVIEW, "The supplier is replaced already")


def test_nobody_publishes_what_they_wrote(engineer: Any, agent: Any, manager: Any, as_actor: Any) -> None:
    author, helper, second = as_actor(engineer), as_actor(agent), as_actor(manager)
    draft = written(author)
    operations.add_event(draft, actor=helper, at=draft.opened_at, text="The dashboard was red")
    draft.refresh_from_db()
    assert sorted(draft.writers) == sorted([engineer.pk, agent.pk])
    review = operations.submit(draft, actor=author)
    for wrote in (author, helper):
        with pytest.raises(NotPermitted):
            operations.publish(review, actor=wrote)
    done = operations.publish(review, actor=second)
    assert (done.status, done.published, done.writers) == (Status.PUBLISHED, 1, [])
    version = PostmortemVersion.objects.get(postmortem=done)
    assert (version.published_by_id, sorted(version.writers)) == (manager.pk, sorted([engineer.pk, agent.pk]))
    assert Notification.objects.filter(to=engineer, subject__contains="is published").count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        PostmortemVersion.objects.create(
            postmortem=done, number=2, content={}, writers=[manager.pk], published_by=manager,
            published_at=done.published_at,
        )  # fmt: skip


def test_only_a_draft_is_written_in_and_an_edit_holds_to_what_was_read(
    engineer: Any, manager: Any, as_actor: Any
) -> None:
    actor = as_actor(engineer)
    draft = written(actor)
    with pytest.raises(VersionRequired):
        operations.edit(draft, actor=actor, version=None, impact="Other")
    with pytest.raises(StaleVersion):
        operations.edit(draft, actor=actor, version=draft.version - 1, impact="Other")
    review = operations.submit(draft, actor=actor)
    with pytest.raises(WrongState, match="only a draft"):
        operations.edit(review, actor=actor, version=review.version, impact="Other")
    back = operations.send_back(review, actor=as_actor(manager), because="Name the alert")
    assert back.status == Status.DRAFT
    assert Notification.objects.filter(to=engineer, body__contains="Name the alert").exists()


def test_a_version_stays_readable_while_the_next_is_written(engineer: Any, manager: Any, as_actor: Any) -> None:
    author, second = as_actor(engineer), as_actor(manager)
    one = published(author, second)
    draft = operations.revise(one, actor=author)
    assert draft.is_settled, "what is published counts as written"
    draft = operations.edit(draft, actor=author, version=draft.version, impact="For 14 minutes", factors=["A", "B"])
    first = queries.version_of(draft, 1)
    assert first is not None
    assert "12 minutes" in queries.text_of(first)
    assert "14 minutes" not in queries.text_of(first)
    two = operations.publish(operations.submit(draft, actor=author), actor=second)
    second_version = queries.version_of(two, 2)
    assert second_version is not None
    told = queries.compared(queries.text_of(first), queries.text_of(second_version))
    changed = [line for sign, line in told if sign in "+-"]
    assert "> Nobody could pay for 12 minutes" in changed
    assert "> For 14 minutes" in changed
    back = operations.revise(two, actor=author)
    back = operations.edit(back, actor=author, version=back.version, impact="Unsure")
    back = operations.discard(back, actor=author)
    assert (back.status, back.impact, back.published) == (Status.PUBLISHED, "For 14 minutes", 2)


def test_a_first_draft_has_no_version_to_go_back_to(engineer: Any, as_actor: Any) -> None:
    with pytest.raises(MissingInformation):
        operations.discard(a_draft(as_actor(engineer)), actor=as_actor(engineer))


def test_nobody_waives_alone(engineer: Any, manager: Any, owner: Any, as_actor: Any) -> None:
    draft = a_draft(as_actor(manager))
    with pytest.raises(MissingInformation, match="ask with a reason"):
        operations.waive(draft, actor=as_actor(owner))
    with pytest.raises(MissingInformation):
        operations.ask_waiver(draft, actor=as_actor(manager), waiver_reason=" ")
    asked = operations.ask_waiver(draft, actor=as_actor(manager), waiver_reason="A drill")
    for not_they in (as_actor(manager), as_actor(engineer)):
        with pytest.raises(NotPermitted):
            operations.waive(asked, actor=not_they)
    refused = operations.refuse_waiver(asked, actor=as_actor(owner), because="It was none")
    assert (refused.waiver_person_id, refused.waiver_reason) == (None, "")
    done = waived(as_actor(manager), as_actor(owner), refused)
    assert (done.status, done.waived_by_id) == (Status.WAIVED, owner.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Postmortem.objects.filter(pk=done.pk).update(waived_by=manager)
    again = operations.revise(done, actor=as_actor(engineer))
    assert (again.status, again.waived_by_id, again.is_settled) == (Status.DRAFT, None, False)


def test_what_is_published_is_not_waived(engineer: Any, manager: Any, as_actor: Any) -> None:
    draft = operations.revise(published(as_actor(engineer), as_actor(manager)), actor=as_actor(engineer))
    with pytest.raises(MissingInformation, match="nothing to waive"):
        operations.ask_waiver(draft, actor=as_actor(engineer), waiver_reason="A drill")


def test_an_incident_has_one_postmortem(engineer: Any, as_actor: Any) -> None:
    actor = as_actor(engineer)
    draft = a_draft(actor)
    with pytest.raises(Conflict, match=draft.reference):
        operations.open_postmortem(actor=actor, incident=draft.incident)


@pytest.mark.parametrize("role", ["requester", "auditor", "approver"])
def test_who_does_not_respond_begins_none(role: str, person: Any, agent: Any, as_actor: Any) -> None:
    incident = an_incident(as_actor(agent))
    with pytest.raises(NotPermitted):
        operations.open_postmortem(actor=as_actor(person(role)), incident=incident)


def test_a_confidential_incident_hides_its_postmortem(engineer: Any, person: Any, as_actor: Any) -> None:
    hidden = Team.objects.create(slug="hr", name="HR", confidential=True, takes_work=True)
    insider, outsider = as_actor(person("agent", hidden, username="insider")), as_actor(engineer)
    draft = written(insider, a_draft(insider, incident=an_incident(insider, team=hidden)))
    assert queries.by_reference(insider, draft.reference) == draft
    with pytest.raises(NotFound):
        queries.by_reference(outsider, draft.reference)
    assert not queries.listed(outsider).exists()
    assert not queries.actions_seen(outsider).exists()
    assert queries.by_owner(outsider, draft.opened_at) == []


def test_who_wrote_what_was_discarded_or_waived_does_not_publish_it(
    engineer: Any, manager: Any, owner: Any, as_actor: Any
) -> None:
    """Discarding puts the words back, and neither the timeline nor the actions; waiving reads nothing of what is there."""
    author = as_actor(engineer)
    draft = operations.revise(published(author, as_actor(manager)), actor=author)
    operations.add_event(draft, actor=author, at=timezone.now(), text="The pager was silent")
    again = operations.revise(operations.discard(draft, actor=author), actor=author)
    with pytest.raises(NotPermitted, match="another person publishes it"):
        operations.publish(operations.submit(again, actor=author), actor=author)
    draft = written(author)
    asked = operations.ask_waiver(draft, actor=author, waiver_reason="A drill")
    again = operations.revise(operations.waive(asked, actor=as_actor(owner)), actor=author)
    review = operations.submit(again, actor=author)
    with pytest.raises(NotPermitted, match="another person publishes it"):
        operations.publish(review, actor=author)
    assert operations.publish(review, actor=as_actor(manager)).published == 1


def test_who_is_erased_is_erased_from_what_was_published_and_no_row_is_touched(
    engineer: Any, manager: Any, admin: Any, web: Any, as_actor: Any
) -> None:
    """A login that is a plain word is masked nowhere in texts: so no text of ours may hold it."""
    ada = User.objects.create(username="ada", name="Ada", roles=["engineer"])
    done = published(as_actor(ada), as_actor(manager))
    version = PostmortemVersion.objects.get(postmortem=done)
    assert "(ada)" in queries.text_of(version)
    before = json.dumps(version.content)
    assert "ada" not in before
    User.objects.filter(pk=ada.pk).update(is_active=False)
    erasing.erase(ada, actor=as_actor(admin))
    version.refresh_from_db()
    assert json.dumps(version.content) == before
    assert f"(erased-{ada.pk})" in queries.text_of(version)
    page = web(manager).get(f"{done.get_absolute_url()}versions/1/").content.decode()
    assert f"erased-{ada.pk} ·" in page
    told = [str(one.changes) for one in Entry.objects.filter(record_kind="postmortem", record_id=done.pk)]
    assert any(f"erased-{ada.pk}" in one for one in told)
    assert not any("ada" in re.findall(r"[a-z]+", one) for one in told)


def test_whose_word_a_link_is_stays_in_the_history_and_on_no_page(engineer: Any, web: Any, as_actor: Any) -> None:
    """The gate may believe it: so a link alone is a write as well. Who reads the postmortem may not see what it names."""
    actor = as_actor(engineer)
    draft = written(actor)
    problem = problems.open_problem(actor=actor, statement="Retries pile up")
    written_by, before = draft.writers, Entry.objects.count()
    Postmortem.objects.filter(pk=draft.pk).update(writers=[])
    operations.edit_action(draft, draft.actions.get(), actor=actor, link=problem.reference)
    entry = Entry.objects.get(pk=Entry.objects.latest("pk").pk)
    assert (entry.event, entry.changes["link"]) == ("postmortem.action_changed", [None, problem.reference])
    assert Entry.objects.count() == before + 1
    assert Postmortem.objects.get(pk=draft.pk).writers == written_by
    told = web(engineer).get(draft.get_absolute_url()).content.decode()
    history = told[told.index("changed an action") :]
    assert problem.reference not in history
