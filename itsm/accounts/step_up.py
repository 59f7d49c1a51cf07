"""Step-up: what weighs most is done by who has just shown who they are, not by whoever finds a browser open.

`require_proof` is asked by operations; doors ask in the very form (`ask_proof`, `prove`). A sign-in counts as well. Who
has a second factor shows that one, a password alone is not enough then; who has neither, because a provider lets them
in, signs in there once more. Guesses are counted as at the sign-in. A token proves no person's presence, and a script
would have to keep the password: over REST such a deed is refused with its own type.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput, PasswordNeeded

GOOD_FOR = timedelta(minutes=5)
PASSWORD = "password"  # noqa: S105 - the name of a field
_STAMP = "proved_at"
_DOORS = (Door.WEB, Door.API)


class Way(NamedTuple):
    """How somebody may show who they are beside the password, which it replaces where they `has` it.

    `has(user_id)`; `fields(user_id, required)`: by name, put into the form; `knows(request, said)`: whether what came
    in these fields is theirs, each thing once. It raises InvalidInput where it was guessed at too often.
    """

    has: Callable[[int], bool]
    names: tuple[str, ...]
    fields: Callable[[int, bool], dict[str, forms.Field]]
    knows: Callable[[HttpRequest, Mapping[str, Any]], bool]


# (user_id): (the provider's name, the address where its sign-in is renewed), None where none lets them in.
Renewal = Callable[[int], tuple[str, str] | None]

_ways: list[Way] = []
_renewals: list[Renewal] = []


def register_way(way: Way) -> None:
    """Second factors say here that there are any. Called once, at start."""
    _ways.append(way)


def register_renewal(renewal: Renewal) -> None:
    """An identity provider says where whoever has no password shows once more who they are; the address is given
    `?next=` to come back to. It has to make the provider ask (max_age=0, prompt=login, ForceAuthn). Called at start."""
    _renewals.append(renewal)


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
            gettext("To %(doing)s, show once more who you are: on the page, signed in; a token is not enough.")
            % {"doing": doing}
        )


def ask_proof(form: forms.Form, actor: Actor, *, required: bool = True) -> None:
    """The form asks who they are, unless they showed it within five minutes: for a second factor where they have one,
    else for the password, else for a renewed sign-in at their provider. "components/proof.html" draws it.

    Not `required`: the same form does things that need none; who takes one that does asks again.
    """
    form.asks_proof = not is_proven(actor)  # type: ignore[attr-defined]
    if form.asks_proof:  # type: ignore[attr-defined]
        asked = _fields(actor.id or 0, required)
        for field in asked.values():
            field.unmarked = True  # type: ignore[attr-defined]  # the help says when it is needed
        form.fields.update(asked)


def is_asked(said: Mapping[str, Any]) -> bool:
    """Whether a form that was sent held a place for a proof."""
    return any(name in said for name in proof_names())


def proof_names() -> tuple[str, ...]:
    """The fields in which a proof may come."""
    return (PASSWORD, *(name for way in _ways for name in way.names))


def prove(request: HttpRequest, actor: Actor, said: dict[str, Any]) -> Actor:
    """The actor as proven by what a form brought, which is taken out of `said`.

    Raises InvalidInput for a wrong password or code, and where it was guessed at too often.
    """
    given = {name: said.pop(name, "") for name in proof_names()}
    said.pop("renewal", None)
    if not any(given.values()):
        return actor
    way = _way_of(actor.id or 0)
    if way is not None:
        if not way.knows(request, given):
            raise InvalidInput.about(way.names[0], gettext("That does not show who you are; try again."))
    elif not _knows(request, given[PASSWORD]):
        raise InvalidInput.about(PASSWORD, gettext("This is not your password, or it was guessed at too often."))
    remember_proof(request)
    return replace(actor, proved_at=timezone.now())


def has_way(user_id: int) -> bool:
    """Whether this person shows something of their own here, and nothing else in its place."""
    return _way_of(user_id) is not None


def _way_of(user_id: int) -> Way | None:
    return next((way for way in _ways if way.has(user_id)), None)


def _fields(user_id: int, required: bool) -> dict[str, forms.Field]:
    way = _way_of(user_id)
    if way is not None:
        return way.fields(user_id, required)
    renewed = next((found for renewal in _renewals if (found := renewal(user_id))), None)
    if renewed is not None and not _has_password(user_id):
        return {"renewal": _renewal_field(*renewed, required)}
    return {PASSWORD: _password_field(required)}


def _has_password(user_id: int) -> bool:
    person = User.objects.filter(pk=user_id).first()
    return person is not None and person.may_sign_in


def _password_field(required: bool) -> forms.Field:
    return forms.CharField(
        label=_("Your password"),
        max_length=200,
        strip=False,
        required=required,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=once_more(required),
    )


def once_more(required: bool) -> Any:
    """The help beside what is asked."""
    if required:
        return _("Once more, for this weighs much; it is good for five minutes.")
    return _("Needed to say yes, for that weighs much; it is good for five minutes.")


class RenewalLink(forms.TextInput):
    """No input: the way to the provider and back. What was not renewed brings nothing."""

    def __init__(self, name: Any, address: str) -> None:
        super().__init__()
        self.provider, self.address = name, address

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        return ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        return render_to_string("components/proof_renewal.html", {"provider": self.provider, "address": self.address})


def _renewal_field(name: str, address: str, required: bool) -> forms.Field:
    return forms.CharField(
        label=_("Who you are"), required=required, widget=RenewalLink(name, address), help_text=once_more(required),
        error_messages={"required": _("Sign in once more first; then send this form.")},
    )  # fmt: skip


def _knows(request: HttpRequest, password: str) -> bool:
    return authenticate(request, username=request.user.get_username(), password=password) is not None
