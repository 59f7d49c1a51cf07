"""Nothing of a person stands in what they called their agents, once they are erased."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from itsm.accounts import operations as accounts
from itsm.accounts.models import User
from itsm.agents import operations
from itsm.agents.models import Agent
from itsm.erasure.operations import erase

pytestmark = pytest.mark.django_db


def test_names_and_purposes_go_with_their_person_and_what_the_agents_did_stays(
    person: Callable[..., User], admin: User, as_actor: Callable[..., Any]
) -> None:
    zelda = person("engineer", username="zelda.quux")
    User.objects.filter(pk=zelda.pk).update(name="Zelda Quux")
    zelda.refresh_from_db()
    agent = operations.connect(
        actor=as_actor(zelda), name="Helper", purpose="helps Zelda Quux", capabilities=["gate"], at=timezone.now()
    )
    operations.issue_token(agent, actor=as_actor(zelda), at=timezone.now())
    accounts.deactivate(zelda, actor=as_actor(admin))
    erase(zelda, actor=as_actor(admin))
    kept = Agent.objects.get()
    assert (kept.purpose, kept.account.name, kept.account.is_active) == ("", "", False)
    everything = str(
        [
            list(m._base_manager.values())
            for app in ("agents", "accounts", "audit")
            for m in apps.get_app_config(app).get_models()
        ]
    )
    assert "zelda" not in everything.lower()
    assert kept.reference in everything
