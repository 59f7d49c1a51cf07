"""What people type about health."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.cmdb.models import CIClass
from catalog.environments.queries import choices as environments
from itsm.accounts.models import Team
from itsm.forms import Form, instant_box


class AcceptForm(Form):
    until = forms.DateTimeField(label=_("Until"), widget=instant_box(), help_text=_("At most a year from now."))
    why = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class RoundForm(Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    due = forms.DateField(label=_("Due"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ci_class = forms.ModelChoiceField(
        CIClass.objects.filter(retired_at=None), label=_("Class"), required=False, to_field_name="slug",
        empty_label=_("Any class"), help_text=_("With what inherits from it."),
    )  # fmt: skip
    team = forms.ModelChoiceField(
        Team.objects.all(), label=_("Team"), required=False, to_field_name="slug", empty_label=_("Any team")
    )
    environment = forms.ChoiceField(label=_("Environment"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        box: Any = self.fields["environment"]
        box.choices = [("", _("Any environment")), *environments()]
