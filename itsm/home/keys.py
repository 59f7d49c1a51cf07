"""The page where one chooses one's keys, and its REST twin."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts.actors import actor_of
from itsm.accounts.keyboard import USUAL, set_keyboard
from itsm.accounts.models import User
from itsm.accounts.permissions import anyone
from itsm.api import fields
from itsm.api.permissions import Entry
from itsm.api.serializers import Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Rows
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write

MEANINGS: dict[str, Any] = {
    "j": gettext_lazy("Next row, next record of the list"),
    "k": gettext_lazy("Previous row, previous record of the list"),
    "o": gettext_lazy("Open the row"),
    "x": gettext_lazy("Select the row"),
    "a": gettext_lazy("Assign to me; approve; accept a proposal; take all mail of a sender"),
    "c": gettext_lazy("Report, ask for, add a new one"),
    "d": gettext_lazy("Decline; discard; dismiss a proposal"),
    "e": gettext_lazy("Edit; mark all as read"),
    "f": gettext_lazy("Filter; full screen of the wall-board"),
    "g": gettext_lazy("Go to: g and a second letter"),
    "n": gettext_lazy("Write a note; next"),
    "q": gettext_lazy("Leave the wall-board"),
    "p": gettext_lazy("Give a priority: then 1 to 5; put off"),
    "t": gettext_lazy("Move to a queue; discuss"),
    "v": gettext_lazy("Save what the list shows as a view"),
    "r": gettext_lazy("Write a reply; retry"),
    "u": gettext_lazy("Show what came; judge again; upload"),
    "w": gettext_lazy("Watch a record, or no longer; wall-board; withdraw from deciding"),
    "s": gettext_lazy("The next steps; close as voted"),
    "l": gettext_lazy("Link to another record"),
    "m": gettext_lazy("Run a macro"),
    "b": gettext_lazy("List or board; abstain; block a sender"),
    "z": gettext_lazy("Undo what was done to many, or a word about a proposal"),
    "A": gettext_lazy("Assign to somebody"),
    "J": gettext_lazy("Select on to the next row"),
    "K": gettext_lazy("Select on to the previous row"),
    "/": gettext_lazy("Search or jump"),
    ".": gettext_lazy("Everything that can be done here, by name"),
    ":": gettext_lazy("The same: verbs, views, references"),
    "?": gettext_lazy("All keys of the page"),
    "[": gettext_lazy("Previous page or record"),
    "]": gettext_lazy("Next page or record"),
}


class KeysForm(Form):
    """A box for each usual key; its name is that key."""

    single_keys = forms.BooleanField(
        label=gettext_lazy("Single keys do something"), required=False,
        help_text=gettext_lazy("Off: no letter, digit or sign alone does anything. Ctrl+Enter and Esc stay."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for usual in USUAL:
            self.fields[usual] = forms.CharField(
                label=MEANINGS[usual], max_length=1, min_length=1, strip=False,
                widget=forms.TextInput(attrs={"autocomplete": "off", "class": "one-key", "size": 1}),
            )  # fmt: skip

    def remapped(self) -> dict[str, str]:
        return {usual: self.cleaned_data[usual] for usual in USUAL}

    def rows(self) -> list[tuple[str, Any]]:
        return [(usual, self[usual]) for usual in USUAL]


def as_typed(user: Any) -> dict[str, Any]:
    own = user.keyboard.get("map", {})
    return {"single_keys": not user.keyboard.get("off", False), **{usual: own.get(usual, usual) for usual in USUAL}}


@login_required
def keys(request: HttpRequest) -> HttpResponse:
    """One's own keys, kept on the account: on every machine the same."""
    user: Any = request.user
    form = KeysForm(posted(request), initial=as_typed(user))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and "as_usual" in request.POST:
        set_keyboard(user, actor=actor_of(request), single_keys=True, remapped={})
        return redirect_after_write(request, reverse("home:keys"))
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            said = {"single_keys": form.cleaned_data["single_keys"], "remapped": form.remapped()}
            set_keyboard(user, actor=actor_of(request), **said)
            messages.success(request, _("Saved. They hold on every page from now on."))
            return redirect_after_write(request, reverse("home:keys"))
        status = refused.status
    return render(request, "home/keys.html", {"form": form}, status=status)


class KeyboardShown(serializers.Serializer[Any]):
    single_keys = serializers.BooleanField(help_text="False: no single key does anything.")
    remapped = serializers.DictField(
        child=serializers.CharField(), help_text="The usual key, and the one that does its work instead."
    )
    usual = serializers.ListField(child=serializers.CharField(), help_text="The keys as they are without a choice.")


class KeyboardEditing(Strict):
    single_keys = fields.YesNo(required=False)
    remapped = serializers.DictField(child=fields.Text(max_length=1, trim_whitespace=False), required=False)


# No token is narrowed to this: only one that carries all rights of its owner may change what is theirs.
_ALL_RIGHTS = "account:own"


class KeyboardViewSet(Rows):
    """One's own keys on pages: switched off, or others than the usual ones."""

    policy: ClassVar = {"retrieve": Entry(anyone), "partial_update": Entry(anyone, _ALL_RIGHTS)}
    serializer_class = KeyboardShown

    @extend_schema(responses=KeyboardShown, operation_id="keyboard_retrieve")
    def retrieve(self, request: Request) -> Response:
        return _answer(_account(self.actor))

    @extend_schema(request=KeyboardEditing, responses=KeyboardShown, operation_id="keyboard_edit")
    def partial_update(self, request: Request) -> Response:
        """Change some of it; send If-Match with the version that was read."""
        said = self.validated(KeyboardEditing)
        user = _account(self.actor)
        before = _picture(user)
        kept = set_keyboard(
            user, actor=self.actor, version=version_read(request),
            single_keys=said.get("single_keys", before["single_keys"]),
            remapped=said.get("remapped", before["remapped"]),
        )  # fmt: skip
        return _answer(kept)


def _account(actor: Actor) -> User:
    """As it stands now: what the sign-in read may be older."""
    return User.objects.get(pk=actor.id or 0)


def _picture(user: User) -> dict[str, Any]:
    kept = user.keyboard
    return {"single_keys": not kept.get("off", False), "remapped": kept.get("map", {}), "usual": list(USUAL)}


def _answer(user: User) -> Response:
    return Response(_picture(user), headers={"ETag": f'"{user.version}"'})
