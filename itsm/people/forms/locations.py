"""Where people work, as it is edited."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.accounts.forms import time_zones
from itsm.accounts.models import Location
from itsm.forms import Form


class LocationForm(Form):
    """`place`: the one that is edited; None for a new one."""

    name = forms.CharField(label=_("Name"), max_length=100)
    slug = forms.CharField(
        label=_("Slug"), max_length=63, help_text=_("Small letters, digits and hyphens; it does not change.")
    )  # fmt: skip
    parent = forms.ModelChoiceField(
        label=_("Lies in"), queryset=Location.objects.none(), required=False, empty_label=_("no other place")
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=list, required=False)
    retired = forms.BooleanField(label=_("Retired: it takes nobody new"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, place: Location | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("slug",) if place else ("retired", "version"):
            self.fields.pop(name)
        above = Location.objects.filter(Q(retired_at=None) | Q(pk=place.parent_id if place else None))
        parent, zone = self.fields["parent"], self.fields["time_zone"]
        parent.queryset = above.exclude(pk=place.pk if place else 0)  # type: ignore[attr-defined]
        zone.choices = [("", _("that of the place it lies in")), *time_zones()]  # type: ignore[attr-defined]


def as_typed(place: Location) -> dict[str, Any]:
    """What the form of a place begins with."""
    return {
        "name": place.name,
        "parent": place.parent_id,
        "time_zone": place.time_zone,
        "retired": place.retired_at is not None,
        "version": place.version,
    }
