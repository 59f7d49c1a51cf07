"""Setting what is set on the desk. To let more be reached or trusted takes two administrators, where there are."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.interest import accounts_of
from itsm.accounts.models import KnownPlace, User
from itsm.accounts.permissions import administrators
from itsm.accounts.raised import DAYS
from itsm.accounts.step_up import require_proof
from itsm.administration.seconding import ask_another
from itsm.approvals.confirming import Difference
from itsm.approvals.models import Confirmation
from itsm.configuration import reading
from itsm.configuration.known import BY_NAME, Known, Value, widens
from itsm.configuration.models import Setting
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotFound, NotPermitted

SET = "administration: set what may be reached or trusted"


def setting_called(name: str) -> Setting:
    """NotFound with the list where there is none."""
    found = Setting.objects.filter(name=name).first() if name in BY_NAME else None
    if found is None:
        words = {"name": name[:40], "known": ", ".join(BY_NAME)}
        raise NotFound(gettext("There is no setting %(name)s; known are %(known)s.") % words)
    return found


def set_setting(
    setting: Setting,
    value: Value,
    *,
    actor: Actor,
    version: int | None,
    confirmed: bool = False,
    seconded: Confirmation | None = None,
) -> Setting:
    """Set a value; None takes the default again. It holds at once here, and within a second everywhere.

    What lets more be reached or trusted (`known.widens`) waits for a second administrator (`seconded`); where there is
    no other one, it needs `confirmed`: that it is really meant. Raises NotPermitted (others than administrators,
    programs), InvalidInput, StaleVersion, VersionRequired.
    """
    if not administrators(actor) or not (actor.is_human or actor.is_system):
        raise NotPermitted(gettext("%(actor_name)s may not change settings.") % {"actor_name": actor.name})
    wanted = None if value is None else _checked(setting.known, value)
    with lifecycle.edit(setting, actor=actor, version=version) as current:
        after = current.default if wanted is None else wanted
        if widens(current.known, current.effective, after) and seconded is None and not actor.is_system:
            if has_other_administrators(actor):
                current.awaits = _proposed(current, wanted, after, actor)
                return current
            if not confirmed:
                sentence = gettext("This lets more be reached or trusted than before: confirm that it is meant.")
                raise InvalidInput.about("confirm", sentence)
        current.value = wanted
    transaction.on_commit(reading.forget)
    return current


def set_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """What a second administrator confirmed; StaleVersion where it has been changed since."""
    setting, kept = Setting.objects.get(pk=confirmation.record_id), confirmation.payload
    set_setting(setting, kept["value"], actor=actor, version=kept["version"], seconded=confirmation)


def shown(known: Known, value: Value) -> str:
    """A value as people read it."""
    if known.is_list:
        return " ".join(value) or "–"
    if known.kind is bool:
        return gettext("yes") if value else gettext("no")
    return str(value) or "–"


def _checked(known: Known, value: Value) -> Value:
    try:
        return known.check(value)
    except ValueError as error:
        raise InvalidInput.about("value", str(error)) from error


# Administrators whom this person sent away within the week: by deactivating them, or by taking the role.
_SENT_AWAY = """
SELECT EXISTS (
  SELECT FROM audit_entry e JOIN accounts_user u ON u.id = e.record_id
  WHERE e.record_kind = 'user' AND e.actor_id = ANY (%(mine)s) AND u.id <> ALL (%(mine)s)
    AND u.account_type = 'human' AND e.at > now() - make_interval(days => %(days)s)
    AND (
      e.event = 'user.deactivated' AND 'admin' = ANY (u.roles)
      OR e.event = 'user.edited' AND e.changes #> '{roles,0}' ? 'admin' AND NOT e.changes #> '{roles,1}' ? 'admin'
    )
)
"""


def has_other_administrators(actor: Actor) -> bool:
    """Whether another person could confirm it: an administrator who can sign in. Raises nothing.

    Also where there was one until this actor sent them away, within the last week: nobody makes themselves alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SENT_AWAY, {"mine": sorted(accounts_of([actor.person_id])), "days": DAYS})
        if cursor.fetchone()[0]:
            return True
    people = User.objects.administrators()
    others = people.exclude(pk__in=[actor.person_id or 0, *(pk for find in _set_aside for pk in find())])
    came_in = KnownPlace.objects.filter(user__in=others)  # by whatever door: a provider's people have no password
    return came_in.exists() or any(one.has_usable_password() for one in others[:20])


def is_alone(actor: Actor, *, doing: str) -> bool:
    """Whether nobody else could confirm it: then whoever does it shows once more who they are.

    `doing`: as of `require_proof`. Raises PasswordNeeded where they have not.
    """
    if has_other_administrators(actor):
        return False
    require_proof(actor, doing=doing)
    return True


_set_aside: list[Callable[[], Iterable[int]]] = []


def set_aside(find: Callable[[], Iterable[int]]) -> None:
    """Accounts that stand for no further person, such as a sealed one for emergencies: nobody waits for them to
    confirm anything. Called once per kind, at start."""
    _set_aside.append(find)


def _proposed(setting: Setting, wanted: Value, after: Value, actor: Actor) -> Confirmation:
    known = setting.known
    return ask_another(
        setting,
        actor=actor,
        at=timezone.now(),
        action=SET,
        subject=gettext("Settings: %(label)s") % {"label": known.label},
        payload={"value": wanted, "version": setting.version},
        differences=[Difference(str(known.label), shown(known, setting.effective), shown(known, after))],
    )
