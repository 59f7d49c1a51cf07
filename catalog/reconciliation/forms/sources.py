"""Whose word goes first, as administrators type it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as lazy

from catalog.cmdb.models import CIClass
from catalog.reconciliation.models import Source
from catalog.reconciliation.vocabulary import EVERY_KEY
from itsm.forms import Form

_HOUR = timedelta(hours=1)


class SourceForm(Form):
    """A source. `silent_after` is kept in hours."""

    name = forms.CharField(label=lazy("Name"), max_length=100)
    rank = forms.IntegerField(
        label=lazy("Rank"), min_value=0, max_value=32_000, help_text=lazy("The lower, the sooner it is believed.")
    )
    silent_after_hours = forms.IntegerField(
        label=lazy("Yields when silent for (hours)"), min_value=1, max_value=100_000, required=False,
        help_text=lazy("Empty: never. What it said last stays until somebody stronger says otherwise."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, source: Source, data: Any = None) -> "SourceForm":
        """The form as the source stands."""
        silent = None if source.silent_after is None else source.silent_after // _HOUR
        stands = {"name": source.name, "rank": source.rank, "silent_after_hours": silent, "version": source.version}
        return cls(data, initial=stands)

    def said(self) -> dict[str, Any]:
        """For `edit_source`."""
        hours = self.cleaned_data["silent_after_hours"]
        named = {name: self.cleaned_data[name] for name in ("name", "rank", "version")}
        return {**named, "silent_after": None if hours is None else hours * _HOUR}


class PrecedenceForm(Form):
    """For a class, a source has another rank."""

    ci_class = forms.ModelChoiceField(CIClass.objects.filter(retired_at=None).order_by("name"), label=lazy("Class"))
    key = forms.CharField(
        label=lazy("Key"), max_length=80, initial=EVERY_KEY,
        help_text=lazy("name, environment, team, attributes.os and the like; * for every one."),
    )  # fmt: skip
    source = forms.ModelChoiceField(Source.objects.order_by("rank", "slug"), label=lazy("Source"))
    rank = forms.IntegerField(label=lazy("Rank there"), min_value=0, max_value=32_000)


class WhyForm(Form):
    """A word to what people say; it may be left out."""

    why = forms.CharField(label=lazy("Why"), max_length=500, required=False)
