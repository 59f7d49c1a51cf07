"""Every write over REST leaves its trace: who, through which door, what before, what after, under which request."""

import inspect
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.agreements import operations as agreements
from catalog.capacity import operations as capacity
from catalog.cmdb import operations as items
from catalog.health import operations as health
from catalog.models import Service
from catalog.requests import operations as requests
from changes.boards.operations.keeping import found_board
from changes.boards.operations.meetings import open_meeting
from changes.change.operations import deploying, evaluating, impact, pausing, people_decide, reviewing
from changes.chaos import operations as chaos
from changes.chaos.models import ChaosExperiment
from changes.chaos.operations import watching
from changes.models import Change, GateShadow
from changes.policies import operations as policies
from incidents.incident import operations as incidents
from incidents.major import operations as majors
from incidents.major.models import Major
from incidents.postmortem import operations as postmortems
from incidents.postmortem.models import Postmortem
from incidents.problem import operations as problems
from incidents.problem.models import Problem
from incidents.reports import operations as reports
from itsm.accounts import operations as accounts
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.agents import operations as agents
from itsm.assignment import operations as rules
from itsm.audit.models import Entry
from itsm.audit.recording import plain, record_event, timeline, together
from itsm.clocks import due
from itsm.fields import operations as fields
from itsm.kernel.actors import Actor, Door
from itsm.mail.boxes import operations as mailboxes
from itsm.proposals import operations as proposals
from itsm.work.tasks import remove_task
from slo.models import Objective
from slo.objectives import operations as slo
from tests.api.routes import Route, routes
from tests.api.world import SYSTEM, World, bearer, token_of
from tests.itsm.paging.company import a_policy
from tests.slo.proving import TURN, by_turns

pytestmark = pytest.mark.django_db

# Measurements are data of their own with their own history; evaluating writes down what they say.
# The effect of a correction is only reckoned.
# What only answers a question writes nothing; a tab is pinned by oneself for oneself.
NO_EVENT = {"sli-samples", "slo-evaluate", "correction-effect", "rule-dry-run", "calendar-preview", "calendar-window-preview", "agreement-match",
            "alerts-alertmanager", "alerts-grafana", "alerts-cdevents", "alerts-pagerduty", "alerts-generic",  # a body is its own record
            "deployment-event-list",  # programs alone tell it
            "alert-source-bench", "schedule-preview",
            "view-pin", "view-unpin", "article-preview", "catalog-item-preview", "postmortem-wording",
            "form-file-list", "form-file-detail",  # what nobody asked with yet is no record
            "drop-door-list",  # a mail is its own record, by its bytes
            "mailbox-test", "role-preview", "identity-provider-preview",  # only looks
            "satisfaction-own",  # who said what of a desk stands in no history
            "incident-routing-list"}  # fmt: skip  # the rules write under their own name, with that of who asked in it
NOT_YET = {
    "incident-bulk-undo",
    "request-item-task-retry",
    "approval-answer",
    "chaos-experiment-list",
    "custody-erase",
    "custody-export",
    "policy-activate",
    "policy-version-approvals",
    "agent-resume-all",
}  # nothing to take back, no change that failed, asks that boards answer, nothing measured by now, nobody who left, and
# what a token is not enough for: its own tests hold that it is noted
OF_AUTHORS = {"change-detail", "change-revert", "change-submit", "change-stage", "chaos-experiment-confirm-stopped", "chaos-experiment-conclude", "chaos-experiment-find", "change-answers", "change-deployments", "change-finish-deployment", "attestation-withdraw", "saved-report-detail",
              "saved-report-mail", "saved-report-stop-mail",
              "request-cancel", "request-confirm", "request-item-cancel", "request-item-reopen"}  # fmt: skip
# Who proposed it; who is not the second person.
OF_OTHERS = {**dict.fromkeys(("agent-detail", "agent-tokens", "agent-revoke-token"), "engineer"), "confirmation-withdraw": "builder", "swap-take": "engineer", "on-call-feed-revoke": "manager",
             **dict.fromkeys(("page-acknowledge", "escalation-acknowledge", "escalation-hand-over"), "engineer"),
              "request-item-decide": "approver", "evaluation-override": "manager", "change-refund": "manager", "start-up-shadow": "manager", "start-up-enforce": "manager", "calendar-feed-revoke": "manager",
             **dict.fromkeys(("postmortem-publish", "postmortem-waive", "postmortem-refuse-waiver"), "manager")}  # fmt: skip
EVENTS = {"agent-detail": "agent.renamed", "schedule-detail": "schedule.changed", "request-item-task": "request_item.task_changed", "keyboard": "user.keys_chosen", "team-queue": "team.queue_edited", "incident-task": "incident.task_changed", "change-task": "change.task_changed", "ci-task": "ci.task_done", "problem-task": "problem.task_changed", "major-task": "major.task_changed", "postmortem-action": "postmortem.action_changed",
          "postmortem-event": "postmortem.event_changed", "article-detail": "article.revised", "catalog-item-detail": "catalog_item.revised",
          "incident-time-entry": "incident.time_corrected", "notification-wishes": ".wishes_edited", "chat-account-detail": "user.chat_ended", "push-device-list": "user.push_device_added", "push-device-detail": "user.push_device_edited"}  # fmt: skip
ONES_OWN = {
    "audit-entry-verify",  # an auditor's own
    "keyboard",
    "calendar-preview",
    "role-preview",
    "identity-provider-preview",
    "schedule-preview",
    "alert-source-bench",
    "contact-point-list",
    "contact-point-detail",
    "contact-point-verify",
    "contact-point-send-code",
    "on-call-feed-list",
    "paging-rules",
    "on-call-feed-revoke",
    "catalog-item-preview",
    "calendar-feed-list",
    "calendar-feed-revoke",
    "agreement-match",
    "notification-wishes",
    "chat-account-detail",
    "push-device-list",
    "push-device-detail",
    "saved-report-list",
    "saved-report-detail",
    "saved-report-mail",
    "saved-report-stop-mail",
    "postmortem-wording",
    "agent-list",
}  # nobody is refused what is theirs
# What has to be so before, where the company as it was founded is not.
BEFORE: dict[str, Callable[[World], object]] = {
    "person-reactivate": lambda world: accounts.deactivate(world.people["engineer"], actor=SYSTEM),
    "person-reset-password": lambda world: _with_password(world.people["engineer"]),
    "category-revive": lambda world: incidents.retire_category(world.category, actor=SYSTEM),
    "saved-report-stop-mail": lambda world: reports.mail_to(
        world.report, actor=actor_for(world.people["author"], Door.WEB), every="week"
    ),
    "ci-revive": lambda world: items.retire(world.item, actor=SYSTEM, reason="Old"),
    **dict.fromkeys(("ci-order", "ci-build", "ci-put-into-service"), lambda world: _planned(world)),
    "agent-resume": lambda world: agents.stop(
        world.software_agent, actor=actor_for(world.people["admin"], Door.WEB), at=timezone.now()
    ),
    "proposal-undo": lambda world: proposals.dismiss(
        world.proposal, actor=actor_for(world.people["admin"], Door.WEB), at=timezone.now()
    ),
    "field-purge": lambda world: fields.retire(world.field, actor=SYSTEM),
    "field-revive": lambda world: fields.retire(world.field, actor=SYSTEM),
    "team-revive": lambda world: accounts.retire_team(world.service.team, actor=SYSTEM),
    "agreement-revive": lambda world: agreements.retire_agreement(world.agreement, actor=SYSTEM, version=1, at=world.at),
    "offering-revive": lambda world: agreements.retire_offering(world.offering, actor=SYSTEM, version=1, at=world.at),
    "measure-revive": lambda world: capacity.retire_measure(world.measure, actor=SYSTEM, version=1, at=world.at),
    "finding-take-up-again": lambda world: health.accept(
        world.finding, actor=SYSTEM, until=world.at + timedelta(days=9), why="It is replaced", at=world.at
    ),
    "round-open": lambda world: _planned_round(world),
    "rule-move": lambda world: _second(world),
    "incident-hold": lambda world: incidents.acknowledge(world.incident, actor=SYSTEM),
    "incident-resume": lambda world: _held(world),
    "mailbox-resume": lambda world: mailboxes.pause_mailbox(world.mailbox, actor=SYSTEM),
    **dict.fromkeys(("incident-reopen", "incident-close"), lambda world: _resolved(world)),
    "incident-split": lambda world: incidents.merge(
        world.incident, actor=SYSTEM, into=world.body("incident-merge", "POST")["into"], consent=True
    ),
    "change-impacted-by-hand": lambda world: impact.add_impacted(
        world.pending.change, actor=SYSTEM, service=Service.objects.get(slug="ledger")
    ),
    "change-resume": lambda world: pausing.put_on_hold(
        world.pending.change, actor=SYSTEM, at=world.at, hold_reason="A lockdown"
    ),
    # Of this instant: minutes after the company was founded its new objective is silent, which the gate had not seen.
    "change-approvals": lambda world: evaluating.evaluate(world.pending, at=timezone.now()),
    "change-submit": lambda world: people_decide.revert(world.pending.change, actor=SYSTEM, at=world.at),
    "change-deployments": lambda world: _approved(world),
    "policy-activate": lambda world: policies.approve(
        world.proposed_policy, actor=actor_for(world.people["admin"], Door.WEB), at=world.at
    ),
    "change-close": lambda world: _looked_back_at(world),
    "change-review": lambda world: _rolled_back(world),
    "slo-end-self-measuring": lambda world: _allowed(world),
    **dict.fromkeys(("meeting-close", "meeting-decide"), lambda world: _in_session(world)),
    "board-retire": lambda world: _nothing_asked(world),
    **dict.fromkeys(("problem-accept", "problem-dismiss"), lambda world: _proposed_problem(world)),
    **dict.fromkeys(("problem-know", "problem-fix", "problem-accept-risk"), lambda world: _analysed(world)),
    "problem-apply": lambda world: problems.know(_analysed(world), actor=SYSTEM, cause="Retries", workaround="Restart"),
    "problem-resolve": lambda world: _fixed(world),
    "problem-verify": lambda world: problems.resolve(_fixed(world), actor=SYSTEM),
    "problem-re-analyse": lambda world: problems.cancel(_analysed(world), actor=SYSTEM, reason="None"),
    **dict.fromkeys(("request-confirm", "request-item-reopen"), lambda world: _delivered(world)),
    "request-item-go-on": lambda world: requests.wait(
        world.requested.items.get(), actor=actor_for(world.people["admin"], Door.WEB), question="Which floor?"
    ),
    "request-item-fulfil": lambda world: remove_task(
        world.requested.items.get(), world.request_task, actor=actor_for(world.people["admin"], Door.WEB)
    ),
    "start-up-enforce": lambda world: _in_shadow(world),
    "chaos-experiment-abort": lambda world: _experiment_runs(world),
    "chaos-experiment-confirm-stopped": lambda world: chaos.abort(
        _experiment_runs(world), actor=actor_for(world.people["admin"], Door.WEB), because="Slow", at=timezone.now()
    ),
    "chaos-experiment-conclude": lambda world: _experiment_ran(world),
    "chaos-experiment-find": lambda world: chaos.conclude(
        _experiment_ran(world), actor=actor_for(world.people["author"], Door.WEB), finding="refuted", shown="It stood",
        at=timezone.now(),
    ),
    # Without one, nobody would be paged for what the last route took.
    "escalation-route-detail": lambda world: a_policy(
        world.service.team, [world.people["engineer"], world.people["agent"]], name="resort", is_last_resort=True
    ),
    **dict.fromkeys(("major-accept", "major-reject"), lambda world: _proposed_major(world)),
    "major-propose": lambda world: majors.reject(_proposed_major(world), actor=SYSTEM, reason="One till"),
    "major-flare-up": lambda world: majors.mitigate(world.major, actor=SYSTEM, at=timezone.now()),
    "major-reopen": lambda world: _resolved_major(world),
    "major-conclude": lambda world: majors.edit_task(
        _resolved_major(world), world.major_task, actor=SYSTEM, mandatory=False
    ),
    **dict.fromkeys(("postmortem-publish", "postmortem-send-back"), lambda world: _in_review(world)),
    "postmortem-revise": lambda world: _published(world),
    "postmortem-discard": lambda world: postmortems.revise(_published(world), actor=SYSTEM),
    "postmortem-action-undone": lambda world: postmortems.finish_action(
        world.postmortem, world.postmortem_action, actor=SYSTEM, outcome="They are capped"
    ),
    "DELETE incident-parent": lambda world: incidents.set_parent(
        world.incident, actor=SYSTEM, parent=world.body("incident-parent", "POST")["parent"]
    ),
}  # fmt: skip
WRITES = [route for route in routes() if route.writes and route.name not in NO_EVENT | NOT_YET]


def taken(route: Route, world: World) -> tuple[int, User]:
    user = world.people["author" if route.name in OF_AUTHORS else OF_OTHERS.get(route.name, "admin")]
    client, path = bearer(token_of(user)), world.path(route.name)
    headers = {"HTTP_IF_MATCH": _etag(client, path)} if _reads_version(route) else {}
    body, kind = (b"", "application/json") if route.method == "DELETE" else world.sent(route.name, route.method)
    if route.name == "incident-macro":  # which is only looked at elsewhere
        body = json.dumps({"macro": world.macro.slug, "preview": False}).encode()
    answer = client.generic(
        route.method, path, body, kind,
        HTTP_X_REQUEST_ID="request-0001", **headers,
    )  # fmt: skip
    if route.name == "change-approvals" and answer.status_code == 409 and "seen" in answer.json():
        # The company stands for minutes: who approves is shown that its budgets were measured too long ago by now.
        said = json.dumps(json.loads(body) | {"seen": answer.json()["seen"]})
        answer = client.generic(route.method, path, said, kind, HTTP_X_REQUEST_ID="request-0001", **headers)
    return answer.status_code, user


def _reads_version(route: Route) -> bool:
    action: Callable[..., object] = inspect.unwrap(getattr(route.viewset, route.action))
    return "version_read" in action.__code__.co_names


def _etag(client: APIClient, path: str) -> str:
    """Of what is there under the address, else of the record whose step it is."""
    parts = path.strip("/").split("/")
    for one in (f"/{'/'.join(parts[:n])}/" for n in range(len(parts), max(len(parts) - 4, 2), -1)):
        read = client.get(one)
        if read.has_header("ETag"):
            return str(read["ETag"])
    return '"1"'


def _proposed_problem(world: World) -> None:
    """The problem is one that was only proposed."""
    known = world.problem
    world.problem = Problem.objects.create(
        statement="Recurring", service=known.service, team=known.team, status="proposed", opened_at=world.at
    )


def _analysed(world: World) -> Problem:
    return problems.assess(world.problem, actor=SYSTEM, owner="agent")


def _fixed(world: World) -> Problem:
    """By a change that was closed as successful before it was named."""
    deployment, author = world.running.deployments.get(), actor_for(world.people["author"], Door.WEB)
    deploying.finish_deployment(deployment, actor=author, status="succeeded", at=timezone.now())
    closer = actor_for(world.people["admin"], Door.WEB)
    deploying.close(Change.objects.get(pk=world.running.pk), actor=closer, outcome_code="successful")
    return problems.fix(_analysed(world), actor=SYSTEM, change=world.running.reference)


def _in_shadow(world: World) -> GateShadow:
    now, people = timezone.now(), world.people
    return GateShadow.objects.create(
        service=world.service, reason="Four weeks of answers first.", began_at=now, until=now + timedelta(days=28),
        asked_by=people["owner"], confirmed_by=people["admin"],
    )  # fmt: skip


def _experiment_runs(world: World) -> ChaosExperiment:
    """Its change is the one that runs, watched as it is from its start on."""
    ChaosExperiment.objects.filter(pk=world.experiment.pk).update(change=world.running)
    due.schedule(watching.WATCH, ChaosExperiment.kind, world.experiment.pk, timezone.now())
    world.experiment.refresh_from_db()
    return world.experiment


def _experiment_ran(world: World) -> ChaosExperiment:
    """And has ended."""
    deployment, author = world.running.deployments.get(), actor_for(world.people["author"], Door.WEB)
    deploying.finish_deployment(deployment, actor=author, status="succeeded", at=timezone.now())
    return _experiment_runs(world)


def _proposed_major(world: World) -> Major:
    """The major incident is one that was only proposed."""
    incident = incidents.open_incident(actor=SYSTEM, title="Cash machines are down", priority=3)
    world.major = majors.propose_incident(incident, actor=SYSTEM, reason="All of them")
    return world.major  # type: ignore[no-any-return]


def _resolved_major(world: World) -> Major:
    return majors.resolve(
        world.major, actor=SYSTEM, resolution="Rolled back", resolution_code="solved", at=timezone.now()
    )


def _in_review(world: World) -> Postmortem:
    return postmortems.submit(
        Postmortem.objects.get(pk=world.postmortem.pk), actor=SYSTEM, no_actions_because="Nothing is left"
    )


def _published(world: World) -> Postmortem:
    return postmortems.publish(_in_review(world), actor=actor_for(world.people["manager"], Door.WEB))


def _delivered(world: World) -> None:
    """What was asked for is there."""
    admin = actor_for(world.people["admin"], Door.WEB)
    requests.settle_task(world.requested.items.get(), world.request_task, actor=admin, outcome="done")


def _held(world: World) -> None:
    incidents.acknowledge(world.incident, actor=SYSTEM)
    incidents.hold(world.incident, actor=SYSTEM, hold_reason="vendor", reason="Waiting for the bank")


def _resolved(world: World) -> None:
    incidents.resolve(world.incident, actor=SYSTEM, resolution="Rolled back", resolution_code="solved")


def _planned_round(world: World) -> None:
    """The round is one that is not open yet."""
    due = (world.at + timedelta(days=30)).date()
    world.round = health.plan_round(actor=SYSTEM, name="Summer", due=due, at=world.at)


def _second(world: World) -> None:
    """The rule is the second one."""
    rules.create_rule(actor=SYSTEM, name="Paper", filter="text=paper", checklist=["Look"])
    rules.move_rule(world.rule, actor=SYSTEM, to=2)


def _allowed(world: World) -> None:
    """The objective is one that none of them measures, and measuring it oneself is allowed."""
    world.objective = Objective.objects.get(slug="ledger-answers")
    until, owner = (world.at + timedelta(days=30)).date(), actor_for(world.people["admin"], Door.WEB)
    slo.allow_self_measuring(world.objective, actor=owner, reason="A small team", until=until, at=world.at)


def _in_session(world: World) -> None:
    """The meeting is open; two of three are for what it decides, and the third wants to discuss it."""
    chair, change = actor_for(world.people["engineer"], Door.WEB), world.board_item.record_id
    open_meeting(world.meeting, actor=chair, at=timezone.now())
    for name, vote in (("approver", "discuss"), ("engineer", "approve"), ("admin", "approve")):
        people_decide.decide_by_person(
            Change.objects.get(pk=change), actor=actor_for(world.people[name], Door.WEB), decision=vote, comment="",
            at=timezone.now(),
        )  # fmt: skip


def _nothing_asked(world: World) -> None:
    """The board is one that was asked nothing."""
    world.board = found_board(
        actor=actor_for(world.people["manager"], Door.WEB), at=world.at, name="Idle", quorum=1,
        seats={world.people["approver"]: "chair"},
    )  # fmt: skip


def _approved(world: World) -> None:
    """People let the change go."""
    people_decide.decide_by_person(
        world.pending.change, actor=actor_for(world.people["admin"], Door.WEB), decision="approve", comment="",
        at=timezone.now(),
    )  # fmt: skip


def _rolled_back(world: World) -> None:
    """The change is the one that ran, and it is over."""
    deployment, author = world.running.deployments.get(), actor_for(world.people["author"], Door.WEB)
    deploying.finish_deployment(deployment, actor=author, status="rolled_back", at=timezone.now())
    world.pending = world.running.evaluations.get()


def _looked_back_at(world: World) -> None:
    """And somebody has looked back at it."""
    _rolled_back(world)
    answers = {"review_worked": "No", "review_cost": "An hour", "review_follow_up": "A test"}
    reviewing.review(
        world.pending.change, actor=actor_for(world.people["admin"], Door.WEB), at=timezone.now(), **answers
    )


def _planned(world: World) -> None:
    """The item is planned again."""
    items.revive(items.retire(world.item, actor=SYSTEM, reason="Old"), actor=SYSTEM, reason="Too early")


def _with_password(user: User) -> None:
    user.set_password("a password to forget")
    user.save(update_fields=["password"])


@pytest.mark.in_turn(3)
@pytest.mark.parametrize("route", WRITES, ids=str)
def test_a_write_is_noted(world: World, route: Route) -> None:
    BEFORE.get(str(route), BEFORE.get(route.name, lambda _: None))(world)
    before = Entry.objects.order_by("-id").values_list("id", flat=True)[0]
    status, user = taken(route, world)
    assert status in {200, 201, 202, 204}, status
    mine = Entry.objects.filter(id__gt=before, actor_id=user.pk)
    assert mine.exists()
    for entry in mine:
        assert (entry.via, entry.actor_name, entry.actor_kind) == ("api", user.username, "human")
        assert entry.request_id == "request-0001"
        assert entry.event.count(".") == 1
        assert entry.reference
        assert all(isinstance(pair, list) and len(pair) == 2 for pair in entry.changes.values()), entry.changes
    if route.method == "PATCH":
        # What lets more be reached waits for a second administrator: that it was proposed is what is noted.
        event = EVENTS.get(route.name, "confirmation.created" if status == 202 else ".edited")
        edited = mine.get(event__endswith=event) if route.name not in OF_AUTHORS else mine.first()
        assert edited.changes
        assert all(old != new for old, new in edited.changes.values())


def test_an_edit_says_what_stood_there_before(world: World) -> None:
    taken(next(route for route in WRITES if str(route) == "PATCH incident-detail"), world)
    entry = Entry.objects.filter(event="incident.edited").latest("id")
    assert entry.changes["title"] == ["Checkout is slow", "Slower"]
    assert entry.changes["priority"] == [3, 2]


@pytest.mark.heavy
def test_what_is_refused_is_not_noted(world: World) -> None:
    """Nothing stays of what is refused, so one company does for all routes. Sampled: a third of them, by turns."""
    client = bearer(token_of(world.people["auditor"]))
    noted = Entry.objects.exclude(event="token.issued")
    refusing = {str(one): one for one in routes() if one.writes and one.name not in ONES_OWN}
    count, wrong = noted.count(), []
    for name in sorted(by_turns(refusing, TURN, one_in=3)):
        route = refusing[name]
        with transaction.atomic():
            answer = client.generic(route.method, world.path(route.name), *world.sent(route.name, route.method))
        found, count = noted.count() - count, noted.count()
        if answer.status_code != 403 or found:
            wrong.append(f"{name}: {answer.status_code}, {found} entries")
    assert not wrong, "\n".join(wrong)


def test_values_are_kept_exactly() -> None:
    kept = plain(
        {"d": Decimal("0.10"), "t": datetime(2026, 1, 1, tzinfo=UTC), "l": [1, None, True], "s": {2}, "o": object}
    )
    assert kept["d"] == "0.10"
    assert kept["t"] == "2026-01-01T00:00:00+00:00"
    assert kept["l"] == [1, None, True]
    assert kept["s"] == [2]


def test_the_newest_comes_first_on_a_timeline_and_outlives_the_account(
    world: World, person: Callable[..., User], as_actor: Callable[..., Actor]
) -> None:
    incident = world.incident
    bob = person("agent", username="bob")
    record_event("incident.seen", incident, actor=as_actor(bob))
    record_event("incident.heard", incident, actor=SYSTEM)
    bob.delete()
    assert [entry.event for entry in timeline(incident)][:2] == ["incident.heard", "incident.seen"]
    assert timeline(incident)[1].actor_name == "bob"


def events(record: User) -> list[str]:
    return [entry.event for entry in reversed(timeline(record))]


def test_entries_that_are_noted_together_are_written_in_order_by_one_statement(engineer: User, system: Actor) -> None:
    with CaptureQueriesContext(connection) as captured, together():
        for event in ("one", "two", "three"):
            record_event(event, engineer, actor=system)
        assert events(engineer) == []
    assert events(engineer) == ["one", "two", "three"]
    assert sum("INSERT INTO audit_entry" in one["sql"] for one in captured) == 1


def test_an_error_takes_what_was_noted_together_with_it(engineer: User, system: Actor) -> None:
    with suppress(IntegrityError), transaction.atomic(), together():  # and nothing else comes in its place
        record_event("one", engineer, actor=system)
        User.objects.create(username=engineer.username)
    record_event("after", engineer, actor=system)
    assert events(engineer) == ["after"]


def test_what_is_noted_inside_a_savepoint_that_is_rolled_back_is_not_kept(engineer: User, system: Actor) -> None:
    with together():
        record_event("before", engineer, actor=system)
        with suppress(ValueError), transaction.atomic():
            record_event("undone", engineer, actor=system)
            raise ValueError
        record_event("after", engineer, actor=system)
    assert events(engineer) == ["before", "after"]


def test_what_a_part_with_a_savepoint_notes_is_kept_with_it(engineer: User, system: Actor) -> None:
    with together():
        with transaction.atomic():
            record_event("part", engineer, actor=system)
        record_event("after", engineer, actor=system)
    assert events(engineer) == ["part", "after"]


@pytest.mark.django_db(transaction=True)
def test_nothing_waits_outside_of_a_transaction(engineer: User, system: Actor) -> None:
    with pytest.raises(transaction.TransactionManagementError), together():
        record_event("one", engineer, actor=system)
    assert events(engineer) == []
