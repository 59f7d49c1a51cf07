"""Somebody has lost what they show: two administrators take all of it away, a day after the person was told."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.models import Session, User
from itsm.accounts.operations.checks import people_keep_who_decides
from itsm.accounts.step_up import require_proof
from itsm.administration.operations import has_other_administrators
from itsm.administration.seconding import ask_another
from itsm.approvals.confirming import Difference
from itsm.approvals.models import Confirmation
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.kernel.texts import is_blank
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _
from itsm.second_factors import permissions
from itsm.second_factors.models import CodeApp, FactorReset, RecoveryCode, SecurityKey
from itsm.second_factors.queries import has_any

RESET = "second factors: reset somebody's"
DUE = "second factors: a reset is due"
WAITS = timedelta(hours=24)
CLOCK = Actor.system("second factors")


@transaction.atomic
def ask_reset(user: User, *, actor: Actor, reason: str, at: datetime) -> FactorReset:
    """Take away all that this person shows beside the password. It `awaits` a second administrator, where there is one;
    then the person hears of it, and it is done a day later unless they stop it.

    Raises NotPermitted (oneself, no administrator), Conflict (there is nothing, or it is asked for already),
    InvalidInput (no reason), PasswordNeeded.
    """
    if not permissions.keepers(actor) or actor.id == user.pk:
        raise NotPermitted(gettext("Another administrator, a person, resets somebody's second factors."))
    people_keep_who_decides(actor, *user.roles)
    if is_blank(reason) or len(reason.strip()) > 500:
        raise InvalidInput.about("reason", gettext("Say in 1 to 500 characters why, such as how you knew who asked."))
    if not has_any(user.pk):
        raise Conflict(gettext("%(user)s has no second factor.") % {"user": user.username})
    require_proof(actor, doing=gettext("reset somebody's second factors"))
    try:
        with transaction.atomic():
            made = FactorReset.objects.create(
                user=user, reason=reason.strip(), asked_by_id=actor.account_id, asked_at=at
            )
    except IntegrityError as error:
        raise Conflict(gettext("That is asked for already.")) from error
    lifecycle.created(made, actor=actor, changes={"user": [None, user.username]})
    lifecycle.announce(user, "factor_reset_asked", actor=actor, remark=made.reason)  # who asks might come in as them
    if not has_other_administrators(actor):
        _begin(made, at)
        return made
    made.awaits = ask_another(
        made, actor=actor, at=at, action=RESET, reason=made.reason,
        subject=gettext("Reset the second factors of %(user)s") % {"user": user.username}, payload={},
        excluded=[user.pk],
        differences=[Difference(gettext("%(user)s signs in with") % {"user": user.username},
                                gettext("a second factor"), gettext("a password alone, a day from now"))],
    )  # fmt: skip
    return made


def reset_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """What a second administrator confirmed. Raises WrongState where it was stopped meanwhile."""
    reset = FactorReset.objects.select_for_update(no_key=True).get(pk=confirmation.record_id)
    if reset.stopped_at is not None or reset.done_at is not None:
        raise WrongState(gettext("It was stopped, or done, meanwhile."))
    _begin(reset, at)


def _begin(reset: FactorReset, at: datetime) -> None:
    FactorReset.objects.filter(pk=reset.pk).update(due_at=at + WAITS)
    reset.due_at = at + WAITS
    due.schedule(DUE, reset.kind, reset.pk, reset.due_at)
    body = _(
        "%(who)s asked for it: %(reason)s. If you did not ask for that, stop it on your page of second factors; it is "
        "done a day from now."
    ) % {"who": str(reset.asked_by), "reason": reset.reason}
    subject = _("Your second factors will be reset")
    path = "/profile/factors/"
    notify([reset.user], subject, body=body, path=path, record=reset.user, by=("account.changed", "self"))


@transaction.atomic
def stop(reset: FactorReset, *, actor: Actor, at: datetime) -> FactorReset:
    """The person objects, or an administrator thinks better of it. Raises NotPermitted, WrongState (done already)."""
    if actor.id != reset.user_id and not permissions.keepers(actor):
        raise NotPermitted(gettext("Whose factors they are stops it, or an administrator."))
    current: FactorReset = FactorReset.objects.select_for_update(no_key=True).get(pk=reset.pk)
    if current.done_at is not None:
        raise WrongState(gettext("It was done already."))
    if current.stopped_at is None:
        current.stopped_at = at
        current.save(update_fields=["stopped_at"])
        due.cancel(current.kind, current.pk, DUE)
        lifecycle.announce(current, "stopped", actor=actor, at=at)
        told = _("The reset of the second factors of %(user)s was stopped") % {"user": current.user.username}
        notify([current.asked_by], told, path="/settings/factors/", record=current, by=("account.changed", "self"))
    return current


def when_due(reset_id: int, at: datetime) -> None:
    """The due row's work: a day has passed, and nobody objected."""
    reset = FactorReset.objects.select_for_update(of=("self",), no_key=True).select_related("user").filter(pk=reset_id)
    current = reset.first()
    if current is None or current.done_at is not None or current.stopped_at is not None:
        return
    current.done_at = at
    current.save(update_fields=["done_at"])
    forget_factors(current.user, actor=CLOCK)
    lifecycle.announce(current, "done", actor=CLOCK, at=at)


@transaction.atomic
def forget_factors(user: User, *, actor: Actor) -> int:
    """All of it goes, sessions too; the person is told. By the operator's command at once, else by a reset.

    Returns how many went. Raises nothing."""
    gone = sum(kind.objects.filter(user=user).delete()[0] for kind in (CodeApp, SecurityKey, RecoveryCode))
    Session.objects.filter(user=user).delete()
    lifecycle.announce(user, "factors_reset", actor=actor, changes={"factors": [gone, 0]})
    body = _("Sign in and set up new ones. If you did not ask for that, choose another password at once.")
    subject = _("Your second factors were reset")
    notify([user], subject, body=body, path="/profile/factors/", record=user, by=("account.changed", "self"))
    return gone
