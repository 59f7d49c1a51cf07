"""A macro, beside its parts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as lazy

from itsm.accounts.models import Team
from itsm.accounts.permissions import administrators
from itsm.accounts.queues import visible_queues
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.macros.forms.choices import led_by
from itsm.macros.models import Macro


class MacroForm(Form):
    name = forms.CharField(label=lazy("Name"), max_length=80)
    share = forms.ChoiceField(label=lazy("Whose is it?"), choices=Macro.Share.choices)
    team = forms.ModelChoiceField(
        label=lazy("Which team"), queryset=Team.objects.none(), required=False, empty_label=lazy("none"),
    )  # fmt: skip
    queues = forms.ModelMultipleChoiceField(
        label=lazy("Offered in these queues"), queryset=Team.objects.none(), required=False,
        help_text=lazy("Choose none to offer it everywhere."), widget=forms.SelectMultiple(attrs={"size": 5}),
    )  # fmt: skip
    position = forms.IntegerField(
        label=lazy("Place in the menu"),
        min_value=0,
        max_value=9999,
        initial=100,
        help_text=lazy("Small numbers first."),
    )
    active = forms.BooleanField(label=lazy("It is offered"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        led = led_by(actor)
        self.fields["team"].queryset = led  # type: ignore[attr-defined]
        self.fields["queues"].queryset = visible_queues(actor)  # type: ignore[attr-defined]
        shares = [Macro.Share.PERSON]
        shares += [Macro.Share.TEAM] if led.exists() else []
        shares += [Macro.Share.EVERYONE] if administrators(actor) else []
        self.fields["share"].choices = [(one.value, one.label) for one in shares]  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """As the operation takes it."""
        words = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return {**words, "queues": [one.pk for one in words["queues"]]}
