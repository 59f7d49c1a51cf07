"""Step-up: what weighs most is done by who has just said who they are, not by whoever finds a browser open.

`require_proof` is asked by operations; doors ask for the password in the very form (`ask_password`, `prove`). A sign-in
counts as well. Guesses are counted as at the sign-in. A token proves no person's presence, and a script would have to
keep the password: over REST such a deed is refused with its own type. A second factor later comes in at `_knows`.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput, PasswordNeeded

GOOD_FOR = timedelta(minutes=5)
_STAMP = "proved_at"
_DOORS = (Door.WEB, Door.API)


def remember_proof(request: HttpRequest) -> None:
    """The person behind this session has just shown who they are."""
    request.session[_STAMP] = timezone.now().timestamp()


def proved_at(request: HttpRequest) -> datetime | None:
    """When the person behind this session last showed who they are; None where nobody knows."""
    stamp = request.session.get(_STAMP) if hasattr(request, "session") else None
    return datetime.fromtimestamp(stamp, UTC) if isinstance(stamp, float) else None


def is_proven(actor: Actor) -> bool:
    """Whether the person showed who they are within five minutes; what comes through no door has no session."""
    if actor.via not in _DOORS:
        return True
    return actor.proved_at is not None and timezone.now() - actor.proved_at < GOOD_FOR


def require_proof(actor: Actor, *, doing: str) -> None:
    """Raise PasswordNeeded unless the person has just shown who they are. `doing`: "approve an emergency"."""
    if not is_proven(actor):
        raise PasswordNeeded(
            gettext("To %(doing)s, say your password once more: on the page, signed in; a token is not enough.")
            % {"doing": doing}
        )


def ask_password(form: forms.Form, actor: Actor, *, required: bool = True) -> None:
    """The form asks for the password, unless it was given within five minutes.

    Not `required`: the same form does things that need none; who takes one that does asks again.
    """
    if not is_proven(actor):
        asked = form.fields["password"] = forms.CharField(
            label=_("Your password"),
            max_length=200,
            strip=False,
            required=required,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            help_text=_("Once more, for this weighs much; it is good for five minutes.")
            if required
            else _("Needed to say yes, for that weighs much; it is good for five minutes."),
        )
        asked.unmarked = not required  # type: ignore[attr-defined]  # the help says when it is needed


def prove(request: HttpRequest, actor: Actor, said: dict[str, Any]) -> Actor:
    """The actor as proven by the password that a form brought, which is taken out of `said`.

    Raises InvalidInput for a wrong one, and where the sign-in is locked.
    """
    password = said.pop("password", "")
    if not password:
        return actor
    if not _knows(request, password):
        raise InvalidInput.about("password", gettext("This is not your password, or it was guessed at too often."))
    remember_proof(request)
    return replace(actor, proved_at=timezone.now())


def _knows(request: HttpRequest, password: str) -> bool:
    return authenticate(request, username=request.user.get_username(), password=password) is not None
