"""Shapes of what people type about services."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.services.models import Service
from catalog.services.operations import Reliance
from catalog.services.queries import Dependency, dependencies_of
from catalog.services.vocabulary import ServiceType, Tier
from itsm.accounts.forms import AudienceField
from itsm.accounts.models import Team, User
from itsm.forms import Form
from itsm.slugs import slug_shape


class ServiceForm(Form):
    """`services` are those that may be chosen as dependencies."""

    name = forms.CharField(label=_("Name"), max_length=120)
    slug = forms.CharField(
        label=_("Slug"),
        max_length=63,
        validators=[slug_shape],
        help_text=_("Its key in addresses; it does not change."),
    )
    service_type = forms.ChoiceField(
        label=_("Kind"), choices=ServiceType.choices, initial=ServiceType.TECHNICAL, required=False,
        help_text=_("A business service is what people ask for; technical services are what it rests on."),
    )  # fmt: skip
    tier = forms.TypedChoiceField(label=_("Tier"), choices=Tier.choices, coerce=int, initial=Tier.SUPPORTING)
    team = forms.ModelChoiceField(
        label=_("Owner team"), queryset=Team.objects.all(), required=False, empty_label=_("nobody yet")
    )
    support_team = forms.ModelChoiceField(
        label=_("Support team"), queryset=Team.objects.all(), required=False, empty_label=_("the owner team"),
        help_text=_("Who is asked first when it fails."),
    )  # fmt: skip
    owner = forms.ModelChoiceField(
        label=_("Owner"), required=False,
        queryset=User.objects.active_people(),
        empty_label=_("nobody yet"), help_text=_("The person who answers for it."),
    )  # fmt: skip
    description = forms.CharField(
        label=_("Description"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    audience = AudienceField(required=False)
    depends_on = forms.ModelMultipleChoiceField(
        label=_("Depends on"),
        queryset=Service.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=_("Ctrl or Cmd chooses several. Groups with redundancy are kept; the API changes them."),
    )

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["depends_on"]
        assert isinstance(choice, forms.ModelMultipleChoiceField)  # noqa: S101 -- for the type checker
        choice.queryset = services
        for name in ("team", "support_team"):
            team = self.fields[name]
            assert isinstance(team, forms.ModelChoiceField)  # noqa: S101 -- for the type checker
            # A retired team takes nothing new; the one that stands there may stay.
            team.queryset = Team.objects.filter(Q(retired_at=None) | Q(pk=self.initial.get(name)))

    def said(self) -> dict[str, Any]:
        """What was sent; kind and audience stay as they are where nothing is chosen."""
        kept = dict(self.cleaned_data)
        return {name: value for name, value in kept.items() if value or name not in ("service_type", "audience")}


class NewServiceForm(ServiceForm):
    standard_deployments = forms.BooleanField(
        label=_("Deployments here are standard changes (service owners and administrators may say so)"), required=False
    )

    def description_of_it(self) -> dict[str, Any]:
        """The fields as the operation takes them."""
        said = self.said()
        return {**said, "depends_on": plain_reliances(said["depends_on"])}


class EditServiceForm(ServiceForm):
    slug = None  # type: ignore[assignment]  # how Django's forms drop a field
    version = forms.IntegerField(widget=forms.HiddenInput)

    def description_of_it(self, service: Service) -> dict[str, Any]:
        said = self.said()
        return {**said, "depends_on": [*plain_reliances(said["depends_on"]), *groups_of(service)]}


def plain_reliances(services: Any) -> list[Reliance]:
    return [Reliance(any_of=[service], needs=1) for service in services]


def groups_of(service: Service) -> list[Reliance]:
    """The redundancy groups of a service, which the form neither shows as plain dependencies nor loses."""
    groups: dict[str, list[Dependency]] = {}
    for arrow in dependencies_of([service.pk])[service.pk]:
        if arrow.redundancy:
            groups.setdefault(arrow.redundancy, []).append(arrow)
    known = Service.objects.in_bulk([arrow.on_id for group in groups.values() for arrow in group])
    return [Reliance(any_of=[known[arrow.on_id] for arrow in group], needs=group[0].needs) for group in groups.values()]


def as_typed(service: Service) -> dict[str, Any]:
    """What the edit form begins with."""
    return {
        "name": service.name,
        "service_type": service.service_type,
        "tier": service.tier,
        "audience": service.audience,
        "team": service.team_id,
        "support_team": service.support_team_id,
        "owner": service.owner_id,
        "description": service.description,
        "version": service.version,
        "depends_on": [one.on_id for one in dependencies_of([service.pk])[service.pk] if not one.redundancy],
    }
