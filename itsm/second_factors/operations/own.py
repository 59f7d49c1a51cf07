"""One's own factors: added and taken away by whoever has just shown who they are; a mail tells each time."""

from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.accounts.step_up import require_proof
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from itsm.kernel.texts import is_blank
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import Words
from itsm.notifications.sayings import saying as _
from itsm.second_factors import codes, keys
from itsm.second_factors.keys import Purpose
from itsm.second_factors.models import MOST_OF_A_KIND, CodeApp, RecoveryCode, SecurityKey
from itsm.second_factors.queries import factors_of, has_any, is_required
from itsm.second_factors.sealing import is_readable, seal, unseal


@transaction.atomic
def begin_app(user: User, *, actor: Actor, at: datetime) -> CodeApp:
    """A secret for another app. It counts for nothing until its first code is shown. Raises NotPermitted, Conflict,
    PasswordNeeded."""
    _may_change(user, actor)
    CodeApp.objects.filter(user=user, confirmed_at=None).delete()
    _require_few(CodeApp.objects.filter(user=user).count())
    return CodeApp.objects.create(user=user, name="", sealed=seal(codes.new_secret()), created_at=at)


def begun_app(user: User) -> CodeApp | None:
    """The one whose first code is awaited; none that was sealed with a key of before."""
    app = CodeApp.objects.filter(user=user, confirmed_at=None).first()
    return app if app is not None and is_readable(app.sealed) else None


@transaction.atomic
def confirm_app(user: User, *, actor: Actor, name: str, code: str, at: datetime) -> list[str]:
    """The first code was shown: the app counts. Returns recovery codes where these are the person's first.

    Raises NotPermitted, NotFound (none was begun), InvalidInput (the code, the name), PasswordNeeded.
    """
    _may_change(user, actor)
    app = CodeApp.objects.select_for_update(no_key=True).filter(user=user, confirmed_at=None).first()
    if app is None:
        raise NotFound(gettext("That took too long, or was done already. Begin anew."))
    if codes.take_app_code([app], code.replace(" ", ""), at) is None:
        raise InvalidInput.about("code", gettext("That is not its present code. Is the clock of the device right?"))
    app.refresh_from_db()
    app.name, app.confirmed_at = _name(name), at
    _save(app)
    return _added(user, actor, "app", app.name)


def secret_of(app: CodeApp) -> str:
    """To be shown while it is set up, to nobody but its person."""
    return unseal(app.sealed)


@transaction.atomic
def add_key(
    user: User, *, actor: Actor, request: HttpRequest, name: str, answer: str, passkey: bool, at: datetime
) -> list[str]:
    """Keep the key that the browser has just made. Returns recovery codes where these are the person's first.

    Raises NotPermitted, InvalidInput (no good answer, the name), Conflict (too many, known already), PasswordNeeded.
    """
    _may_change(user, actor)
    _require_few(SecurityKey.objects.filter(user=user).count())
    made = keys.added(request, user, Purpose.ADD_PASSKEY if passkey else Purpose.ADD_KEY, answer)
    if made is None or made.credential_data is None or not keys.spend_of(answer, at):
        raise InvalidInput.about("answer", gettext("The browser's answer is no good, or came too late. Try again."))
    key = SecurityKey(
        user=user, name=_name(name), credential_id=made.credential_data.credential_id,
        public_key=bytes(made.credential_data), sign_count=made.counter, passkey=passkey and made.is_user_verified(),
        created_at=at,
    )  # fmt: skip
    _save(key)
    return _added(user, actor, "key", key.name)


@transaction.atomic
def remove(user: User, factor: CodeApp | SecurityKey, *, actor: Actor) -> None:
    """Take one away. The last one of who needs one stays: add another one first. Recovery codes go with the last.

    Raises NotPermitted, Conflict, PasswordNeeded.
    """
    _may_change(user, actor)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    has = factors_of(user.pk)
    if len(has.apps) + len(has.keys) <= 1:
        if is_required(user):
            raise Conflict(gettext("A role of yours asks for a second factor: add another one before this one goes."))
        RecoveryCode.objects.filter(user=user).delete()
    name = factor.name
    factor.delete()
    _changed(user, actor, "factor_removed", name, _("%(name)s was taken from your second factors") % {"name": name})


@transaction.atomic
def renew_recovery_codes(user: User, *, actor: Actor) -> list[str]:
    """Ten new ones, shown this once; those of before are void. Raises NotPermitted, Conflict, PasswordNeeded."""
    _may_change(user, actor)
    if not has_any(user.pk):
        raise Conflict(gettext("Recovery codes stand in for an app or a key: add one first."))
    made = codes.new_recovery_codes(user)
    _changed(
        user, actor, "recovery_codes_made", "", _("New recovery codes were made for you; those of before are void")
    )
    return made


def _added(user: User, actor: Actor, kind: str, name: str) -> list[str]:
    _changed(user, actor, "factor_added", f"{kind} {name}", _("A second factor was added: %(name)s") % {"name": name})
    left = RecoveryCode.objects.filter(user=user, used_at=None).exists()
    return [] if left else codes.new_recovery_codes(user)


def _changed(user: User, actor: Actor, event: str, name: str, subject: Words) -> None:
    lifecycle.announce(user, event, actor=actor, changes={"factor": [None, name]})
    body = _("If that was not you, somebody has your account: end your sessions and choose another password.")
    notify([user], subject, body=body, path="/profile/factors/", record=user, by=("account.changed", "self"))


def setting_up(user: User) -> Actor:
    """Who is half signed in and has to set one up: they have just shown their password."""
    return replace(actor_for(user, Door.WEB), proved_at=timezone.now())


def _may_change(user: User, actor: Actor) -> None:
    if actor.id != user.pk or not actor.is_human:
        raise NotPermitted(gettext("People keep their own second factors; administrators may reset them."))
    require_proof(actor, doing=gettext("change your second factors"))


def _require_few(count: int) -> None:
    if count >= MOST_OF_A_KIND:
        raise Conflict(gettext("You have %(most)s of them already: take one away first.") % {"most": MOST_OF_A_KIND})


def _name(name: str) -> str:
    if is_blank(name) or len(name.strip()) > 60:
        raise InvalidInput.about("name", gettext("A name has 1 to 60 characters."))
    return name.strip()


def _save(factor: CodeApp | SecurityKey) -> None:
    try:
        with transaction.atomic():
            factor.save()
    except IntegrityError as error:
        raise Conflict(gettext("You have one of that name already, or this very key.")) from error
