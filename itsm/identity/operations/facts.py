"""What is known here about people whom a provider names: read once for all of them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower

from itsm.accounts.models import EmailAddress, Membership, Team, User
from itsm.accounts.own_roles import roles_known
from itsm.identity.models import AllowedLink, ExternalIdentity, GroupMapping, IdentityProvider
from itsm.identity.protocols import Identified

_NO_SIGN = re.compile(r"[^\w.+-]+", re.ASCII)
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Facts:
    """`identities` by subject, `waiting` accounts by address in small letters, `teams` (team id -> leads) by account,
    `given_by_others`: what other providers gave, by account; `standing`: the teams that take members; `taken`: user
    names in small letters; `administrators`: the accounts that keep the desk; `own_roles`: those that may be given."""

    identities: Mapping[str, ExternalIdentity]
    waiting: Mapping[str, User]
    teams: Mapping[int, Mapping[int, bool]]
    given_by_others: Mapping[int, Sequence[Mapping[str, Any]]]
    standing: Mapping[int, str]
    taken: set[str]
    administrators: frozenset[int]
    own_roles: frozenset[str]


def gathered(provider: IdentityProvider, people: Sequence[Identified]) -> Facts:
    """Nine statements at most, however many people."""
    named = ExternalIdentity.objects.filter(provider=provider, subject__in=[one.subject for one in people])
    identities = {one.subject: one for one in named.select_related("user")}
    new = [one for one in people if one.subject not in identities]
    waiting = _waiting(provider, [one.email for one in new if one.email and one.email_verified])
    accounts = [one.user_id for one in identities.values()] + [one.pk for one in waiting.values()]
    teams: dict[int, dict[int, bool]] = defaultdict(dict)
    for user, team, lead in Membership.objects.filter(user__in=accounts).values_list("user", "team", "lead"):
        teams[user][team] = lead
    others: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for user, given in (
        ExternalIdentity.objects.filter(user__in=accounts, ended_at=None, provider__withdrawn_at=None)
        .exclude(provider=provider)
        .values_list("user", "given")
    ):
        others[user].append(given)
    keep = User.objects.administrators()
    return Facts(
        identities, waiting, teams, others, dict(Team.objects.standing().values_list("pk", "name")),
        _taken(new), frozenset(keep.values_list("pk", flat=True)), frozenset(roles_known()),
    )  # fmt: skip


def mappings_of(provider: IdentityProvider, *, drafts: bool = False) -> list[GroupMapping]:
    """What its groups mean; with `drafts`, also what is not confirmed yet."""
    rows = GroupMapping.objects.filter(provider=provider, withdrawn_at=None).select_related("team")
    return list(rows if drafts else rows.filter(trusted_at__isnull=False))


def _waiting(provider: IdentityProvider, emails: Iterable[str]) -> dict[str, User]:
    """Accounts that an administrator keeps ready for who has this address: invited and never used, or allowed by name.

    An address that somebody only named as theirs is none: it may be of a colleague who comes tomorrow. Whoever has a
    password, or is known by any provider, is in use: their address lets nobody in.
    """
    wanted = {email.lower() for email in emails}
    if not wanted:
        return {}
    theirs = Q(is_primary=True) | Q(verified_at__isnull=False)  # a primary one is verified, or an administrator's word
    rows = EmailAddress.objects.annotate(small=Lower("email")).filter(theirs, small__in=wanted)
    rows = rows.filter(user__is_active=True, user__account_type=User.AccountType.HUMAN).select_related("user")
    found = {one.small: one.user for one in rows}
    accounts = [one.pk for one in found.values()]
    allowed = set(AllowedLink.objects.filter(provider=provider, user__in=accounts).values_list("user", flat=True))
    known = ExternalIdentity.objects.filter(Q(provider=provider) | ~Q(user__in=allowed), user__in=accounts)
    in_use = set(known.values_list("user", flat=True))
    return {
        email: user
        for email, user in found.items()
        if user.pk not in in_use and (user.pk in allowed or _is_invited(user))
    }


def _is_invited(user: User) -> bool:
    return user.invited_at is not None and not (user.password and user.has_usable_password())


def _taken(people: Sequence[Identified]) -> set[str]:
    """The names in use that begin as one of theirs."""
    wanted = {wanted_name(one) for one in people}
    if not wanted:
        return set()
    begins = Q()
    for name in wanted:
        begins |= Q(small__startswith=name)
    rows = User.objects.annotate(small=Lower("username"))
    if len(wanted) <= 50:
        rows = rows.filter(begins)
    return set(rows.values_list("small", flat=True))


def wanted_name(one: Identified) -> str:
    """The user name that somebody would have, were it free: ada of ada@example.org."""
    for said in (one.login_hint, one.email, one.name, one.subject):
        short = _NO_SIGN.sub("-", said.partition("@")[0].rpartition("\\")[2].strip().lower()).strip(".-+_")
        if short:
            return short[:_LONGEST_NAME]
    return "person"


def free_name(one: Identified, taken: set[str]) -> str:
    """A user name that nobody has; it is taken now."""
    wanted, name, number = wanted_name(one), "", 1
    while not name or name in taken:
        name, number = wanted if number == 1 else f"{wanted}{number}", number + 1
    taken.add(name)
    return name
