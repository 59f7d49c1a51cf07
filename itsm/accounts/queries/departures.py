"""What a deactivation would end and leave behind, seen before it is done."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from itsm.accounts import duties
from itsm.accounts.duties import Duty
from itsm.accounts.models import Membership, Role, Session, Team, Token, User


@dataclass(frozen=True, slots=True)
class Departure:
    """`sessions` and `tokens` end; `duties` pass to a successor, or are left; `blocked`: why it cannot be done."""

    sessions: int
    tokens: int
    duties: list[Duty]
    blocked: str


def departure(person: User) -> Departure:
    """What deactivating this account would do as things stand now. Nothing is changed."""
    return Departure(
        sessions=Session.objects.filter(user=person, expires_at__gt=timezone.now()).count(),
        tokens=Token.objects.filter(owner=person, revoked_at=None, expires_at__gt=timezone.now()).count(),
        duties=duties.duties_of(person) if person.is_active else [],
        blocked=_blocked(person),
    )


def _blocked(person: User) -> str:
    if not person.is_active:
        return gettext("%(user)s is not active.") % {"user": person.username}
    admins = User.objects.administrators()
    if Role.ADMIN in person.roles and person.is_human and not admins.exclude(pk=person.pk).exists():
        return gettext("%(user)s is the only administrator; make somebody else one first.") % {"user": person.username}
    return ""


def teams_led_alone(person: User) -> list[Team]:
    """Standing teams that have no other active lead."""
    led = Team.objects.standing().filter(memberships__user=person, memberships__lead=True)
    others = Membership.objects.filter(lead=True, user__is_active=True).exclude(user=person)
    return list(led.exclude(pk__in=others.values("team")).order_by("pk"))


def programs(person: User) -> list[Duty]:
    """Service accounts that they own, and software agents that act for them, which pass to nobody."""
    return [_program(one) for one in person.service_accounts.filter(is_active=True)]


def _program(account: User) -> Duty:
    is_agent = account.account_type == User.AccountType.AGENT
    return Duty(
        what=gettext("software agent") if is_agent else gettext("service account"),
        reference=account.username,
        name=account.name,
        path=account.get_absolute_url(),
        otherwise=gettext("ends too: it acts for nobody else")
        if is_agent
        else gettext("is deactivated too; its tokens stop working"),
        passes=not is_agent,
    )


def leads(person: User) -> list[Duty]:
    """Teams that nobody else leads."""
    return [
        Duty(
            what=gettext("team without another lead"),
            reference=one.slug,
            name=one.name,
            path=one.get_absolute_url(),
            otherwise=gettext("has no lead"),
            passes=True,
        )
        for one in teams_led_alone(person)
    ]


def reports(person: User) -> list[Duty]:
    """People whose manager they are."""
    above = str(person.manager) if person.manager else gettext("nobody")
    return [
        Duty(
            what=gettext("person who reports to them"),
            reference=one.username,
            name=one.name,
            path=one.get_absolute_url(),
            otherwise=gettext("reports to %(above)s") % {"above": above},
            passes=True,
        )
        for one in person.reports.filter(is_active=True)
    ]


def any_program(person: int) -> list[QuerySet[User]]:
    """Rows without any of which `programs` is empty; the two below, of `leads` and `reports`."""
    return [User.objects.filter(owner=person, is_active=True)]


def any_lead(person: int) -> list[QuerySet[Membership]]:
    """See `any_program`."""
    return [Membership.objects.filter(user=person, lead=True)]


def any_report(person: int) -> list[QuerySet[User]]:
    """See `any_program`."""
    return [User.objects.filter(manager=person, is_active=True)]
