"""What a second person may say."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import User
from itsm.approvals.delegating import Scope
from itsm.forms import Form, instant_box


class DecisionForm(Form):
    """The version that was read, and a word to go with it."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    reason = forms.CharField(label=_("Remark"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2}))


class EndForm(Form):
    """The version that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class DelegationForm(Form):
    """Who decides in one's place, in what, from when until when; times in the writer's own zone."""

    delegate = forms.ModelChoiceField(label=_("Delegate"), queryset=User.objects.none(), to_field_name="username")
    scope = forms.ChoiceField(label=_("For"), required=False)
    starts_at = forms.DateTimeField(
        label=_("From"), required=False, widget=instant_box(), help_text=_("Empty: from now on.")
    )
    ends_at = forms.DateTimeField(label=_("Until"), widget=instant_box())

    def __init__(self, scopes: Sequence[Scope], people: "QuerySet[User]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["delegate"].queryset = people.order_by("username")  # type: ignore[attr-defined]
        self.fields["scope"].choices = [(one.key, one.name) for one in scopes]  # type: ignore[attr-defined]


class WordForm(Form):
    """Approve or decline the content that was read."""

    content_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    vote = forms.ChoiceField(choices=[("approve", "approve"), ("decline", "decline")], widget=forms.HiddenInput)
    comment = forms.CharField(
        label=_("Reason"), required=False, max_length=4000, widget=forms.Textarea({"rows": 2}),
        help_text=_("Needed to decline."),
    )  # fmt: skip
