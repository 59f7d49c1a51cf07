"""Why a person sees a record, or does not: found by asking the very rows that lists are made of."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_for
from itsm.accounts.models import Grant, Membership, OwnRole, Role, Team, User
from itsm.accounts.named_rights import rights_held
from itsm.accounts.permissions import colleagues
from itsm.accounts.queues import rights_in_queues, with_rights
from itsm.kernel.actors import Actor, Door
from itsm.kernel.actors import Role as ActorRole
from itsm.search.models import Document
from itsm.search.offers import offered

Sees = Callable[[Actor], bool]
_NUMBERED = re.compile(r"([A-Z]{2,4})-0*(\d{1,15})", re.ASCII)


class Why(NamedTuple):
    """Sentences. `because`: each of them alone suffices, or is needed with a role; `missing`: what would show it."""

    sees: bool
    because: list[str]
    missing: list[str]


def record_at(path: str, actor: Actor) -> Any:
    """The record whose page this is, or lies under it; None where there is none, or the actor does not see it."""
    for document in _documents(path):
        model = next((one for one in offered() if one.kind == document.record_kind), None)  # type: ignore[attr-defined]
        rows = getattr(model, "objects", None)
        if rows is not None and hasattr(rows, "visible_to"):
            return rows.visible_to(actor).filter(pk=document.record_id).first()
    return None


def _documents(path: str) -> Iterator[Document]:
    """Found by the reference in the address, which is what the index knows."""
    for part in reversed([one for one in path.split("/") if one][:6]):
        numbered = _NUMBERED.fullmatch(part)
        if numbered:
            known = Q(prefix__iexact=numbered[1], number=int(numbered[2]))
        else:
            known = Q(reference=part[:150], is_thing=True)
        for found in Document.objects.filter(known)[:20]:
            if path.startswith(found.path.split("?")[0].split("#")[0]):
                yield found


def why(record: Any, person: User) -> Why:
    """About a dozen small statements."""
    actor = replace(actor_for(person, Door.TASK), memo={})

    def sees(one: Actor) -> bool:
        return person.is_active and bool(type(record).objects.visible_to(one).filter(pk=record.pk).exists())

    if sees(actor):
        return Why(True, [*_because(person, actor, sees), *_queue(record, person)], [])
    return Why(False, [], _missing(record, person, actor, sees))


def _because(person: User, actor: Actor, sees: Sees) -> list[str]:
    nothing = replace(actor.as_role(), memo={})
    found = []
    if sees(replace(nothing, teams=frozenset())):
        found.append(_("It is theirs, they follow it, or everybody sees it: they reported it, or asked for it."))
    elif sees(nothing):
        found.append(_("A team of theirs: it is shown to its members."))
    by_itself = [str(Role(one).label) for one in sorted(actor.roles) if sees(_nobody_with(actor, actor.as_role(one)))]
    own_ones = OwnRole.objects.standing().filter(slug__in=person.own_roles)
    own = [
        one.name
        for one in own_ones
        if sees(_nobody_with(actor, replace(nothing, rights=rights_held(person.roles, one.rights))))
    ]
    found += [_("Their role %(role)s shows it.") % {"role": name} for name in by_itself]
    found += [_("Their own role %(role)s shows it.") % {"role": name} for name in own]
    return found or [_("Their roles show it together.")]


def _nobody_with(actor: Actor, one: Actor) -> Actor:
    """Somebody whose record it is not, with these roles and the person's rights in queues."""
    return with_rights(replace(one, id=0), rights_in_queues(actor))


def _queue(record: Any, person: User) -> list[str]:
    """By what they see the queue, where it is confidential."""
    found = []
    for queue in _confidential(record):
        if Membership.objects.filter(team=queue, user=person).exists():
            found.append(_("Its queue %(queue)s is confidential: they are a member of it.") % {"queue": queue.name})
        given = _("Its queue %(queue)s is confidential: %(holder)s may %(right)s there.")
        found += [
            given % {"queue": queue.name, "right": one.get_right_display(), "holder": one.holder}
            for one in _grants(queue, person)
        ]
    return found


def _missing(record: Any, person: User, actor: Actor, sees: Sees) -> list[str]:
    if not person.is_active:
        return [_("The account is deactivated: nothing is shown to it.")]
    found = []
    if not colleagues(actor):
        found.append(_("No role of theirs works here: only what is theirs is shown to them."))
    for queue in _confidential(record):
        if not Membership.objects.filter(team=queue, user=person).exists() and not list(_grants(queue, person)):
            words = {"queue": queue.name}
            found.append(
                _("Its queue %(queue)s is confidential: they are no member, and nobody let them see it.") % words
            )
    would = [str(Role(one).label) for one in ActorRole if sees(replace(actor.as_role(one), memo={}))]
    if would:
        found.append(_("One of these roles would show it: %(roles)s.") % {"roles": ", ".join(would)})
    return found or [_("It is shown to others: to whom, its audience or its own rule says.")]


def _confidential(record: Any) -> list[Team]:
    several = getattr(record, "teams", None)
    ids = [*several] if isinstance(several, list) else [getattr(record, "team_id", None)]
    return list(Team.objects.filter(pk__in=[one for one in ids if isinstance(one, int)], confidential=True))


def _grants(queue: Team, person: User) -> Iterator[Grant]:
    mine = Q(user=person) | Q(role__in=person.roles) | Q(member_of__in=person.memberships.values("team"))
    rows = Grant.objects.filter(Q(until=None) | Q(until__gt=Now()), mine, team=queue)
    yield from rows.select_related("user", "member_of", "team")
