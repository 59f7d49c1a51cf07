"""Situations of articles, made through the operations that people use."""

from itertools import count
from typing import Any

from django.utils import timezone

from catalog.knowledge import operations
from catalog.models import Article
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door

_numbers = count(1)


def somebody(role: str = "agent", username: str = "") -> Actor:
    """An actor with this role."""
    user, _ = User.objects.get_or_create(username=username or role, defaults={"roles": [role]})
    return actor_for(user, Door.WEB)


def a_draft(writer: Actor | None = None, **said: Any) -> Article:
    """By the agent, for who works here, unless said otherwise."""
    wanted = {"title": f"Question {next(_numbers)}", "body": "An answer."} | said
    return operations.create_article(actor=writer or somebody("agent", "writer"), at=timezone.now(), **wanted)


def published(article: Article, reviewer: Actor | None = None) -> Article:
    """Proposed by Headroom, published by another agent."""
    operations.propose(article, actor=Actor.system("tests"))
    return operations.publish(article, actor=reviewer or somebody("agent", "reviewer"), at=timezone.now())


def a_live_article(**said: Any) -> Article:
    return published(a_draft(**said))
