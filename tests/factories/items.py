"""Situations of catalog items, made through the operations that people use."""

from itertools import count
from typing import Any

from django.utils import timezone

from catalog.items import operations
from catalog.models import CatalogItem
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor
from tests.factories.knowledge import somebody

_numbers = count(1)

# A form that everybody knows: production is asked why, and what follows is asked of production alone.
FIREWALL: dict[str, Any] = {
    "sections": [
        {
            "key": "where",
            "title": "Where",
            "questions": [
                {
                    "key": "environment", "label": "Environment", "type": "choice", "required": True, "default": "test",
                    "options": [
                        {"key": "test", "label": "Test"},
                        {"key": "production", "label": "Production", "surcharge": 5_000},
                    ],
                },
                {
                    "key": "reason", "label": "Reason", "type": "long", "required": True,
                    "show_when": {"all": [{"field": "environment", "op": "is", "value": "production"}]},
                },
                {"key": "port", "label": "Port", "type": "whole", "rules": {"min": "1", "max": "65535"}, "required": True},
            ],
        },
        {
            "key": "until",
            "title": "Until when",
            "show_when": {"any": [{"field": "reason", "op": "filled"}]},
            "questions": [{"key": "last_day", "label": "Last day", "type": "date", "default": None}],
        },
        {
            "key": "desk",
            "title": "For the desk",
            "questions": [{"key": "ticket_of_vendor", "label": "Vendor's ticket", "type": "text", "audience": "staff"}],
        },
    ]
}  # fmt: skip
BY_MANAGER: dict[str, Any] = {"steps": [{"parts": [{"who": "manager"}]}]}
ONE_TASK: dict[str, Any] = {"tasks": [{"key": "do", "title": "Do it"}]}


def a_team(slug: str = "service-desk") -> Team:
    return Team.objects.get_or_create(slug=slug, defaults={"name": slug.replace("-", " ").title()})[0]


def an_item(writer: Actor | None = None, **said: Any) -> CatalogItem:
    """A draft by a service owner, with one task, which the manager of who asks approves, unless said otherwise."""
    wanted = {
        "name": f"Thing {next(_numbers)}", "team": a_team(), "form": FIREWALL, "approval": BY_MANAGER,
        "fulfilment": ONE_TASK, "currency": "EUR", "price_minor": 12_900,
    } | said  # fmt: skip
    return operations.create_item(actor=writer or somebody("owner", "item-writer"), at=timezone.now(), **wanted)


def published(item: CatalogItem, by: Actor | None = None) -> CatalogItem:
    """By another service owner."""
    return operations.publish(item, actor=by or somebody("owner", "item-publisher"), at=timezone.now())


def a_live_item(**said: Any) -> CatalogItem:
    return published(an_item(**said))


def edited(item: CatalogItem, by: Actor | None = None, **said: Any) -> CatalogItem:
    """With what is said, by a service owner."""
    now = CatalogItem.objects.get(pk=item.pk)
    return operations.edit_item(
        now, actor=by or somebody("owner", "item-writer"), version=now.version, at=timezone.now(), **said
    )
