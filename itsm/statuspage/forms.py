"""Shapes of what people type about status pages."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from itsm.clocks.hours_format import zones
from itsm.forms import Form, instant_box
from itsm.statuspage.models import Component
from itsm.statuspage.models.notices import MAX_BODY, MAX_TITLE
from itsm.statuspage.vocabulary import TROUBLE, IncidentStatus, State, Visibility

if TYPE_CHECKING:
    from catalog.services.models import Service

_BODY = {"rows": 5, "maxlength": MAX_BODY}


def _zone_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(zones()) if "/" in name or name == "UTC"]


def _words(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=MAX_BODY, widget=forms.Textarea(attrs=_BODY), help_text=help_text
    )  # fmt: skip


class PageForm(Form):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("As the public knows you or your product."))
    about = forms.CharField(
        label=_("What it is about"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )  # fmt: skip
    visibility = forms.ChoiceField(label=_("Who reads it"), choices=Visibility.choices)
    zone = forms.ChoiceField(
        label=_("Time zone"), choices=_zone_choices, help_text=_("Whose days the history of 90 days counts.")
    )  # fmt: skip


class EditPageForm(PageForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


class ComponentForm(Form):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("The public reads it: no internal names."))
    about = forms.CharField(label=_("What it is, in a few words"), max_length=200, required=False)
    group = forms.CharField(label=_("Group"), max_length=80, required=False)
    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("Service behind it"), queryset=None, required=False, empty_label=_("none"),
        help_text=_("Its trouble suggests to tell the public; it publishes nothing."),
    )  # fmt: skip
    objective = forms.CharField(
        label=_("Objective that measures it"), max_length=63, required=False,
        help_text=_("Its slug. Without one the history is reckoned from what was reported."),
    )  # fmt: skip

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]


class EditComponentForm(ComponentForm):
    position = forms.IntegerField(label=_("Place"), min_value=0, max_value=10_000)
    version = forms.IntegerField(widget=forms.HiddenInput)


class _WithStates(Form):
    """A box for each component: how it suffers."""

    untouched: Any = _("not touched")

    def __init__(
        self, components: Sequence[Component], *args: Any, states: Mapping[int, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.state_names = [f"state_{one.pk}" for one in components]
        for one in components:
            held = (states or {}).get(one.pk, "")
            ends = [(State.OPERATIONAL.value, State.OPERATIONAL.label)] if held else []
            unset = [] if held else [("", self.untouched)]
            self.fields[f"state_{one.pk}"] = forms.ChoiceField(
                label=one.name, choices=[*unset, *ends, *TROUBLE], required=False, initial=held
            )

    @property
    def states(self) -> dict[int, str]:
        """Component id -> what was chosen, where that is another state than before."""
        chosen = {name: self.cleaned_data.get(name, "") for name in self.state_names}
        return {
            int(name.removeprefix("state_")): state
            for name, state in chosen.items()
            if state and state != self.fields[name].initial
        }

    @property
    def state_fields(self) -> list[Any]:
        """The boxes, in the order of the page."""
        return [self[name] for name in self.state_names]


class NewIncidentForm(_WithStates):
    title = forms.CharField(label=_("What does not work"), max_length=MAX_TITLE)
    body = _words(_("What the public should know"), _("What they notice, what you do, when more comes. No names."))
    status = forms.ChoiceField(
        label=_("State"), choices=[(one.value, one.label) for one in IncidentStatus if one != IncidentStatus.RESOLVED]
    )  # fmt: skip
    next_update_at = forms.DateTimeField(label=_("Next update by"), required=False, widget=instant_box())
    started_at = forms.DateTimeField(
        label=_("Since when"), required=False, widget=instant_box(), help_text=_("Empty: since now.")
    )  # fmt: skip
    internal = forms.CharField(
        label=_("Incident behind it"), max_length=20, required=False, help_text=_("INC-42; the public never reads it.")
    )  # fmt: skip


class IncidentUpdateForm(_WithStates):
    action = forms.ChoiceField(label=_("It is now"))
    body = _words(_("What the public should know"))
    next_update_at = forms.DateTimeField(label=_("Next update by"), required=False, widget=instant_box())
    postmortem_url = forms.CharField(label=_("Address of a postmortem"), max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, steps: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = steps  # type: ignore[attr-defined]


class NewMaintenanceForm(Form):
    title = forms.CharField(label=_("What is done"), max_length=MAX_TITLE)
    body = _words(_("What the public will notice"))
    starts_at = forms.DateTimeField(label=_("From"), widget=instant_box())
    ends_at = forms.DateTimeField(label=_("Until"), widget=instant_box())
    components = forms.TypedMultipleChoiceField(
        label=_("Components"), coerce=int, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip
    internal = forms.CharField(
        label=_("Change behind it"), max_length=20, required=False,
        help_text=_("CHG-7, approved: it begins and ends this. Without one the times above do."),
    )  # fmt: skip

    def __init__(self, components: Sequence[Component], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["components"].choices = [(one.pk, one.name) for one in components]  # type: ignore[attr-defined]


class MaintenanceUpdateForm(Form):
    action = forms.ChoiceField(label=_("It is now"))
    body = _words(_("What the public should know"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, steps: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = steps  # type: ignore[attr-defined]


class ReschedulingForm(Form):
    starts_at = forms.DateTimeField(label=_("From"), widget=instant_box())
    ends_at = forms.DateTimeField(label=_("Until"), widget=instant_box())
    body = _words(_("What the public should know"))
    version = forms.IntegerField(widget=forms.HiddenInput)


class WithdrawalForm(Form):
    reason = forms.CharField(label=_("Why should the public not read it?"), max_length=500)
