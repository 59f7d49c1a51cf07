"""From the minutes that fail to the platform that is told: what should be rolled back is said where it runs."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from changes.change.operations import callbacks, deploying, people_decide
from changes.delivery.operations.questions import CHANNEL
from changes.models import Change, Deployment, DeploymentEvent, Evaluation, PlatformQuestion, RollBackCall
from itsm.notifications.lanes import Lane
from itsm.notifications.models import Delivery
from slo.apps import SloConfig
from slo.engine.samples import Sample
from slo.measuring import operations as measuring
from slo.models import Budget
from slo.objectives import operations as slo
from tests.changes.delivery.conftest import work
from tests.changes.delivery.platforms import body_of
from tests.changes.delivery.test_doors import posted
from tests.changes.delivery.test_github import REPOSITORY, protection_rule, status
from tests.changes.scene import measured_service
from tests.factories.changes import a_measured_service, a_model, start
from tests.factories.slo import MEASURER, MINUTE

pytestmark = pytest.mark.django_db


@pytest.fixture
def app(source: Any, github: Any) -> Any:
    return source(api_url=github.url, app_id=github.app, api_credential="github-app")


def test_the_platform_is_told_in_the_minute_in_which_the_burn_is_seen(
    app: Any, github: Any, send: Any, mapped: Any, owning: Any
) -> None:
    """Each link of the chain, by its instant: nothing in it waits for a later look but the first, once a minute."""
    service, objective = measured_service(tier=3)
    a_model(service, owning, timezone.now())
    mapped(app, REPOSITORY, service)
    send(app, "deployment_protection_rule", protection_rule(github))
    work()
    callback = {"url": "https://ci.example/hooks/headroom", "events": ["roll_back"]}
    Evaluation.objects.update(callback=callback)
    send(app, "deployment_status", status("in_progress"))
    work()
    run = Deployment.objects.get()
    assert (run.status, RollBackCall.objects.count()) == ("started", 0)

    # Everything fails; the samples arrive, and the next look at the budgets, a minute later at most, sees it burn.
    now = timezone.now().replace(second=0, microsecond=0)
    broken = [Sample(now + back * MINUTE, 0, 1000) for back in range(-1, 20)]
    seen = now + 20 * MINUTE
    measuring.record_samples(objective.indicator, broken, actor=MEASURER, at=seen)
    slo.evaluate(at=seen, objectives=[objective.pk])
    assert "burning_fast" in Budget.objects.get(pk=objective.pk).flags
    assert SloConfig.beat["evaluate budgets"]["schedule"] == 60.0

    # In that very transaction it is called back, and each that has to hear of it is owed the news now.
    call = RollBackCall.objects.get(deployment=run)
    owed = {one.key.rpartition("-")[0]: one for one in Delivery.objects.filter(key__endswith="back")}
    note = Delivery.objects.get(channel=CHANNEL, key__endswith="-roll-back")
    hook = Delivery.objects.get(channel=callbacks.CHANNEL, key__endswith="-roll_back")
    assert len(owed) == 2
    for one in (note, hook):
        assert (one.lane, one.attempts, one.due_at <= timezone.now()) == (Lane.WEBHOOK, 0, True)
        assert one.due_at - call.called_at < timedelta(seconds=1)
    assert json.loads(hook.payload["body"])["type"] == "gate_evaluation.roll_back"

    work()
    [said] = github.statuses
    assert (said["state"], said["environment"], said["auto_inactive"]) == ("in_progress", "production", False)
    assert call.because in said["description"]
    assert said["log_url"].endswith(Change.objects.get().get_absolute_url())
    note.refresh_from_db()
    assert note.delivered_at is not None

    # GitHub tells us of our own note, as of any status: nothing moves by it.
    send(app, "deployment_status", status("in_progress", description=said["description"]))
    work()
    run.refresh_from_db()
    assert (run.status, DeploymentEvent.objects.filter(told_by="github").count()) == ("started", 1)
    slo.evaluate(at=seen + MINUTE, objectives=[objective.pk])
    work()
    assert len(github.statuses) == 1  # once


def test_what_is_watched_keeps_its_success_there_and_what_was_taken_back_is_told_nothing(
    app: Any, github: Any, send: Any, mapped: Any, owning: Any, managing: Any, asker: Any
) -> None:
    service = a_measured_service(at=timezone.now())
    a_model(service, owning, timezone.now())
    mapped(app, REPOSITORY, service)
    send(app, "deployment_protection_rule", protection_rule(github))
    work()
    run = start(Change.objects.get(), asker, timezone.now())
    deploying.finish_deployment(run, actor=asker, status="succeeded", at=timezone.now())
    deploying.call_back(service.pk, "production", objective="checkout", at=timezone.now())
    work()
    assert [one["state"] for one in github.statuses] == ["success"]
    Deployment.objects.update(status="rolled_back", watch="unclean")
    Delivery.objects.filter(key__endswith="-roll-back").update(delivered_at=None, due_at=timezone.now(), attempts=0)
    work()
    assert len(github.statuses) == 1
    assert PlatformQuestion.objects.get().answer == "approved"


def test_a_commit_on_gitlab_gets_a_comment(
    source: Any, gitlab: Any, mapped: Any, owning: Any, managing: Any, asker: Any
) -> None:
    service = a_measured_service(at=timezone.now())
    a_model(service, owning, timezone.now())
    made = source("gitlab", api_url=f"{gitlab.script.url}/api/v4", api_credential="gitlab-token")
    mapped(made, "root/test-deployment-webhooks", service)
    body = body_of("gitlab", "deployment.json") | {"status": "blocked", "environment": "production"}
    posted("gitlab", json.dumps(body).encode(), X_Gitlab_Token=made.secret)
    work()
    change = Change.objects.get()
    people_decide.decide_by_person(change, actor=managing, decision="approve", comment="Yes.", at=timezone.now())
    work()
    start(change, asker, timezone.now())
    deploying.call_back(service.pk, "production", objective="checkout", at=timezone.now())
    work()
    [(commit, said)] = gitlab.comments
    assert change.commit.startswith(commit)
    assert said.startswith(f"Roll back {change.reference}: checkout is burning fast.")
