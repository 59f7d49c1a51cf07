"""Shapes of what people type about the work on a record."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import User
from itsm.accounts.queries.assignable import assignable
from itsm.forms import Form
from itsm.work.linking import Relation


class TaskForm(Form):
    """One thing to do. `people`: who may be given it."""

    title = forms.CharField(label=_("What is to do?"), max_length=200)
    mandatory = forms.BooleanField(label=_("Before it is over"), required=False)
    assigned_to = forms.ModelChoiceField(label=_("Who?"), queryset=User.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assigned_to"].queryset = assignable()  # type: ignore[attr-defined]


class LinkForm(Form):
    """An arrow to another record, in this one's words."""

    relation = forms.ChoiceField(label=_("This one"), choices=Relation.choices)
    to = forms.CharField(label=_("Record"), max_length=20)
