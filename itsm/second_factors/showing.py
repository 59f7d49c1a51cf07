"""Somebody shows a second factor: a code of their app, a recovery code, or a key. The one place where it is judged."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as lazy

from itsm import lifecycle
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.accounts.step_up import once_more
from itsm.kernel.actors import Door
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _
from itsm.second_factors import codes, guessing, keys
from itsm.second_factors.keys import Purpose
from itsm.second_factors.models import FEW_CODES
from itsm.second_factors.queries import factors_of

CODE, KEY = "proof_code", "proof_key"


@transaction.atomic
def is_shown(request: HttpRequest, user: User, purpose: Purpose, said: Mapping[str, Any], at: datetime) -> bool:
    """Whether what was sent (`proof_code` or `proof_key`) is a factor of this person, which is spent with it.

    Counts what is wrong. Raises InvalidInput where there were too many of those; then right is refused, too.
    """
    guessing.require_few(user.pk, request)
    given = str(said.get(CODE) or "").strip()[:40], str(said.get(KEY) or "")
    found = _key(request, user, purpose, given[1], at) if given[1] else _code(user, given[0], at)
    if not found:
        guessing.note_wrong(user, request, at)
    return found


def _code(user: User, code: str, at: datetime) -> bool:
    has = factors_of(user.pk)
    if codes.take_app_code(list(has.apps), code.replace(" ", ""), at) is not None:
        return True
    if not has or not codes.take_recovery_code(user.pk, code, at):
        return False
    left = has.codes - 1
    told = {"left": [has.codes, left]}
    lifecycle.announce(user, "recovery_code_used", actor=actor_for(user, Door.WEB), changes=told)
    subject = _("A recovery code of yours was used; %(left)s are left") % {"left": left}
    body = _("If that was not you, somebody has your password and your codes: make new ones on your profile at once.")
    if left <= FEW_CODES:
        body = _("Few are left: make new ones on your profile. If that was not you, choose another password at once.")
    notify([user], subject, body=body, path="/profile/factors/", record=user, by=("account.changed", "self"))
    return True


def _key(request: HttpRequest, user: User, purpose: Purpose, answer: str, at: datetime) -> bool:
    try:
        return keys.shown(request, purpose, user.pk, answer, at) is not None
    except keys.Copied as copied:
        tell_copied(copied.key)
        return False


def tell_copied(key: Any) -> None:
    """A key that counts backwards was copied, or is broken: its person hears of it."""
    user = key.user if hasattr(key, "user") else User.objects.get(pk=key.user_id)
    lifecycle.announce(user, "key_copied", actor=actor_for(user, Door.WEB), changes={"key": [key.name, None]})
    body = _(
        "It counted backwards, as a copy of it would. It did not let anybody in. Take it away, and add another one."
    )
    subject = _("Your security key %(name)s may have been copied") % {"name": key.name}
    notify([user], subject, body=body, path="/profile/factors/", record=user, by=("account.changed", "self"))


class CodeInput(forms.TextInput):
    """A box for a code; a key that answered in the same form fills it."""

    def __init__(self) -> None:
        super().__init__({"autocomplete": "one-time-code", "spellcheck": "false", "class": "mono", "maxlength": 24})

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = super().value_from_datadict(data, files, name)
        return typed or ("" if not data.get(KEY) else "-")

    def format_value(self, value: Any) -> str | None:
        return ""  # never shown again


class KeyButton(forms.TextInput):
    """A button that asks a key; what it says goes along hidden."""

    def __init__(self, options: str, *, asks: str = "get", label: Any = None) -> None:
        super().__init__()
        self.options, self.asks, self.label = options, asks, label or lazy("Use a security key")

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        context = {"name": name, "options": self.options, "asks": self.asks, "label": self.label, "attrs": attrs or {}}
        return render_to_string("second_factors/key_button.html", context)


def fields(user_id: int, options: str, *, required: bool, help_text: Any = "") -> dict[str, forms.Field]:
    """The boxes for what this person has. `options`: the address that says what a key is asked."""
    has = factors_of(user_id)
    made: dict[str, forms.Field] = {}
    if has.apps or has.codes:
        made[CODE] = forms.CharField(
            label=lazy("Code of your app, or a recovery code"), required=required, max_length=40, widget=CodeInput(),
            help_text=help_text, error_messages={"required": lazy("Type a code, or use your key.")},
        )  # fmt: skip
    if has.keys:
        made[KEY] = forms.CharField(
            label=lazy("Security key"), required=required and not made, max_length=keys.LONGEST,
            widget=KeyButton(options), help_text="" if made else help_text,
            error_messages={"required": lazy("Use your key first.")},
        )  # fmt: skip
    return made


def step_up_fields(user_id: int, required: bool) -> dict[str, forms.Field]:
    """What `ask_proof` puts into a form."""
    return fields(user_id, reverse("factors:ask"), required=required, help_text=once_more(required))


def step_up_knows(request: HttpRequest, said: Mapping[str, Any]) -> bool:
    """What `prove` asks."""
    user = request.user
    return isinstance(user, User) and is_shown(request, user, Purpose.STEP_UP, said, timezone.now())
