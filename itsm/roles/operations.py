"""Making, widening, narrowing and retiring own roles. What gives more waits for a second administrator, where there is
one; what takes away holds with the next request of whoever holds the role."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts.models import OwnRole
from itsm.accounts.named_rights import named_rights, with_included
from itsm.administration.operations import is_alone
from itsm.administration.seconding import ask_another
from itsm.api.nearest import did_you_mean
from itsm.approvals.confirming import Difference
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.roles import permissions
from itsm.roles.names import MAX_NAME as MAX_NAME
from itsm.roles.names import checked_name, checked_slug, taken

WIDEN = "roles: widen an own role"
MAX_DESCRIPTION = 2000
_ONE_OF_A_NAME = "a_standing_own_role_is_one_of_a_name"


@transaction.atomic
def make_role(
    *, actor: Actor, at: datetime, name: str, rights: Collection[str], slug: str = "", description: str = ""
) -> OwnRole:
    """A role that nobody holds yet. `slug`: made of the name where none is said; it is kept for good.

    Raises NotPermitted, InvalidInput (a name, a slug, a right), Conflict (the name or the slug is taken, be it as the
    slug or the name of another role).
    """
    _require_keeper(actor)
    kept_name = checked_name(name)  # first: the form has no other field
    made = OwnRole(
        slug=checked_slug(slug, kept_name),
        name=kept_name,
        description=_description(description),
        rights=sorted(checked_rights(rights)),
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            return lifecycle.created(made, actor=actor, changes={"rights": [[], made.rights]}, at=at)
    except IntegrityError as error:
        if _ONE_OF_A_NAME in str(error):
            raise taken(made.name) from error
        raise Conflict(_("There is a role %(slug)s already, maybe a retired one.") % {"slug": made.slug}) from error


@transaction.atomic
def edit_role(
    role: OwnRole,
    *,
    actor: Actor,
    at: datetime,
    version: int | None,
    name: str | None = None,
    description: str | None = None,
    rights: Collection[str] | None = None,
) -> OwnRole:
    """Words and what is taken away hold at once; what is added `awaits` a second administrator, where there is one.

    Raises NotPermitted, InvalidInput, Conflict (the name is taken), WrongState (it is retired), PasswordNeeded (no
    other administrator: once more who you are), StaleVersion, VersionRequired.
    """
    _require_keeper(actor)
    added: list[str] = []
    try:
        with lifecycle.edit(role, actor=actor, version=version) as current:
            _require_standing(current)
            if name is not None and name.strip() != current.name:
                current.name = checked_name(name, current.pk)
            if description is not None:
                current.description = _description(description)
            if rights is not None:
                wanted = checked_rights(rights)
                added = sorted(wanted - {*current.rights})
                current.rights = sorted(wanted & {*current.rights})
    except IntegrityError as error:
        if name is None or _ONE_OF_A_NAME not in str(error):
            raise
        raise taken(name) from error
    if added:
        current.awaits = _widen(current, added, actor, at)
    return current


@transaction.atomic
def retire_role(role: OwnRole, *, actor: Actor, version: int | None, at: datetime) -> OwnRole:
    """It gives nobody anything any more, at once and for good.

    Raises NotPermitted, WrongState (retired already), StaleVersion, VersionRequired.
    """
    _require_keeper(actor)
    with lifecycle.edit(role, actor=actor, version=version, event="retired") as current:
        _require_standing(current)
        current.retired_at = at
    return current


def widen_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """What a second administrator confirmed. Raises WrongState where the role was retired meanwhile."""
    role = OwnRole.objects.get(pk=confirmation.record_id)
    _add(role, checked_rights(confirmation.payload["rights"]), actor)


def checked_rights(names: Collection[str]) -> frozenset[str]:
    """These rights and what they include. Raises InvalidInput for none, and for a name that no right has."""
    known = named_rights()
    for name in names:
        if name not in known:
            sentence = _("There is no right called %(name)s.") % {"name": name[:63]}
            raise InvalidInput.about("rights", sentence + did_you_mean(name, known))
    if not names:
        raise InvalidInput.about("rights", _("A role holds at least one right."))
    return with_included(frozenset(names))


def _widen(role: OwnRole, added: list[str], actor: Actor, at: datetime) -> Confirmation | None:
    """What it asks for counts from here on for whoever holds the role: who asks is no second person's maker."""
    if is_alone(actor, doing=_("let a role do more")):
        _add(role, frozenset(added), actor)
        return None
    lifecycle.announce(role, "widening_proposed", actor=actor, changes={"rights": [[], added]}, at=at)
    known = named_rights()
    differences = [Difference(str(known[one].title), _("may not"), _("may")) for one in added]
    subject = _("Let the role %(name)s do more") % {"name": role.name}
    return ask_another(
        role, action=WIDEN, subject=subject, differences=differences, payload={"rights": added}, actor=actor, at=at
    )


def _add(role: OwnRole, rights: frozenset[str], actor: Actor) -> None:
    with lifecycle.edit(role, actor=actor, version=None, version_required=False, event="widened") as current:
        _require_standing(current)
        current.rights = sorted({*current.rights, *rights})
    role.rights, role.version = current.rights, current.version


def _description(text: str) -> str:
    if len(text) > MAX_DESCRIPTION:
        raise InvalidInput.about("description", _("At most %(most)s characters.") % {"most": MAX_DESCRIPTION})
    return text.strip()


def _require_standing(role: Any) -> None:
    if role.retired_at is not None:
        raise WrongState(_("%(name)s is retired; make another role.") % {"name": role.name})


def _require_keeper(actor: Actor) -> None:
    if not permissions.keepers(actor):
        raise NotPermitted(_("Administrators, people, keep roles: no role that is kept can."))
