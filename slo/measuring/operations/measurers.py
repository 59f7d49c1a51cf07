"""Who may send measurements of an indicator, and whose own measurements an owner trusts."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from catalog.services.queries import read_by_changes_of
from itsm import lifecycle
from itsm.accounts import interest
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from slo.measuring import permissions
from slo.measuring.models import Indicator, Measurer
from slo.measuring.operations.dependents import dependents
from slo.measuring.queries.measurers import may_send

MAX_MEASURERS = 20
_NOTED_EVERY = timedelta(minutes=5)


def first_measurer(indicator: Indicator, *, actor: Actor, at: datetime) -> None:
    """Who defines an indicator measures it, until an owner names others.

    Also where Headroom itself asks: whoever chose the query, the check and its address chose what comes back.

    Raises nothing.
    """
    if actor.id is not None:
        Measurer.objects.create(indicator=indicator, account_id=actor.id, named_by=actor.name[:150], named_at=at)


def require_measurer(indicator: Indicator, actor: Actor) -> None:
    """NotPermitted for everybody but the measurers, and Headroom itself."""
    if not permissions.senders(actor):
        raise NotPermitted(gettext("%(actor_name)s may not send measurements.") % {"actor_name": actor.name})
    if not actor.is_system and indicator.source == Indicator.Source.PUSH and not may_send(indicator, actor):
        raise NotPermitted(
            gettext(
                "%(actor_name)s is not named as a measurer of %(indicator_slug)s; a service owner or a change manager "
                "names who sends its measurements."
            )
            % {"actor_name": actor.name, "indicator_slug": indicator.slug}
        )


def note_sent(indicator: Indicator, actor: Actor, at: datetime) -> None:
    """This measurer sent something, kept to a few minutes. Raises nothing."""
    if actor.id is not None:
        quiet = Q(last_sent_at=None) | Q(last_sent_at__lt=at - _NOTED_EVERY)
        Measurer.objects.filter(quiet, indicator=indicator, account=actor.id).update(last_sent_at=at)


def may_name_measurers(actor: Actor, indicator: Indicator) -> bool:
    """Of every service whose objectives count it. Raises nothing."""
    services = [one.service for one in dependents().fed_by(indicator.pk)]
    return permissions.measurer_namers(actor) and all(permissions.allowers(actor, service) for service in services)


@transaction.atomic
def name_measurers(indicator: Indicator, *, actor: Actor, accounts: Collection[User], at: datetime) -> list[Measurer]:
    """From now on these accounts, and no others, answer for this indicator: of a pushed one they send the measurements.

    NotPermitted for programs, for others than owners and change managers, and for the interested; InvalidInput where
    an account could never send.
    """
    objectives = dependents().fed_by(indicator.pk)
    if not may_name_measurers(actor, indicator):
        raise NotPermitted(
            gettext("%(actor_name)s may not name who measures %(indicator_slug)s; its service's owners may.")
            % {"actor_name": actor.name, "indicator_slug": indicator.slug}
        )
    wanted = {account.pk: account for account in accounts}
    if any(one.account_type == User.AccountType.AGENT for one in wanted.values()):
        raise InvalidInput.about("measurers", gettext("A software agent measures nothing; name a person or a program."))
    if not 1 <= len(wanted) <= MAX_MEASURERS or any(not one.is_active for one in wanted.values()):
        raise InvalidInput.about("measurers", gettext("Name 1 to %(most)s active accounts.") % {"most": MAX_MEASURERS})
    services = read_by_changes_of([one.service_id for one in objectives])
    interest.require_no_interest(actor, services, doing=gettext("name who measures this"))
    lifecycle.locked(indicator)
    before = list(Measurer.objects.filter(indicator=indicator).select_related("account"))
    known = {one.account_id for one in before}
    Measurer.objects.filter(indicator=indicator).exclude(account__in=wanted).delete()
    Measurer.objects.bulk_create(
        Measurer(indicator=indicator, account=account, named_by=actor.name[:150], named_at=at)
        for pk, account in wanted.items()
        if pk not in known
    )
    if known != wanted.keys():
        changes = {
            "measurers": [
                sorted(one.account.username for one in before),
                sorted(one.username for one in wanted.values()),
            ]
        }
        lifecycle.announce(indicator, "measurers_named", actor=actor, changes=changes)
    return list(Measurer.objects.filter(indicator=indicator).select_related("account"))
