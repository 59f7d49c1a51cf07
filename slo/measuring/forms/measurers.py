"""Who measures, and whose own measurements are trusted, as people type it."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import User
from itsm.forms import Form


class MeasurersForm(Form):
    """User names, one in a line or with commas between them."""

    measurers = forms.CharField(label=_("User names"), max_length=4000, widget=forms.Textarea({"rows": 3}))

    def clean_measurers(self) -> list[User]:
        names = self.cleaned_data["measurers"].replace(",", "\n").split()
        found = {user.username.lower(): user for user in User.objects.filter(username__in=names)}
        unknown = [name for name in names if name.lower() not in found]
        if unknown:
            raise forms.ValidationError(gettext("There is no account %(name)s.") % {"name": unknown[0][:150]})
        return list(found.values())


class VersionForm(Form):
    """The version that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)

    def read(self) -> int | None:
        number: Any = self.cleaned_data.get("version")
        return None if number is None else int(number)
