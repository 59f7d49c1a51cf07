"""What an item is and whom it is for, as its writers type it."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from catalog.agreements.queries import living_agreements
from catalog.items.forms.questions import major, minor
from catalog.items.models import CatalogItem, CatalogItemVersion
from catalog.items.permissions import write_everywhere
from catalog.items.vocabulary import MAX_CATEGORY, MAX_HOURS, MAX_NAME, MAX_SUMMARY, PricePeriod
from itsm.accounts.models import Location, Role, Team, User
from itsm.forms import Form
from itsm.kernel.actors import Actor

if TYPE_CHECKING:
    from catalog.agreements.models import Agreement
    from catalog.services.models import Service


def teams_of(actor: Actor) -> "QuerySet[Team]":
    """The teams of which this actor may write items."""
    teams = Team.objects.standing().order_by("name")
    everywhere = write_everywhere(actor)
    return teams if everywhere else teams.filter(pk__in=actor.teams)


class NewItemForm(Form):
    """What an item begins with."""

    name = forms.CharField(
        label=lazy("Name"), max_length=MAX_NAME, help_text=lazy("What people ask for, in their words."),
        widget=forms.TextInput(attrs={"placeholder": lazy("Open a firewall port")}),
    )  # fmt: skip
    slug = forms.SlugField(
        label=lazy("Short name in web addresses"), max_length=63, required=False,
        help_text=lazy("Letters, digits and hyphens; it stays for good. Empty: made of the name."),
        widget=forms.TextInput(attrs={"data-slug-of": "id_name"}),
    )  # fmt: skip
    summary = forms.CharField(
        label=lazy("In one sentence"), max_length=MAX_SUMMARY, required=False,
        help_text=lazy("It stands under the name where people choose."),
    )  # fmt: skip
    category = forms.CharField(
        label=lazy("Category"),
        max_length=MAX_CATEGORY,
        required=False,
        widget=forms.TextInput(attrs={"list": "categories"}),
    )  # fmt: skip
    team = forms.ModelChoiceField(
        label=lazy("Team"),
        queryset=Team.objects.none(),
        help_text=lazy("It fulfils what is asked for, and keeps the item."),
    )  # fmt: skip

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["team"]
        choice.queryset = teams_of(actor)


class WordsForm(Form):
    """What who asks sees of it, beside the form."""

    name = forms.CharField(label=lazy("Name"), max_length=MAX_NAME)
    summary = forms.CharField(label=lazy("In one sentence"), max_length=MAX_SUMMARY, required=False)
    description = forms.CharField(
        label=lazy("Description"), required=False, strip=False, max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 8, "class": "mono"}),
        help_text=lazy("Markdown: **bold**, - list, [words](address)."),
    )  # fmt: skip
    category = forms.CharField(
        label=lazy("Category"),
        max_length=MAX_CATEGORY,
        required=False,
        widget=forms.TextInput(attrs={"list": "categories"}),
    )  # fmt: skip
    keywords = forms.CharField(
        label=lazy("Keywords"), max_length=1_000, required=False,
        help_text=lazy("Other words that people type for it, with commas between them."),
    )  # fmt: skip
    expected_hours = forms.IntegerField(
        label=lazy("It usually takes (working hours)"), min_value=1, max_value=MAX_HOURS, required=False
    )
    price = forms.CharField(
        label=lazy("Price"), max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    currency = forms.CharField(
        label=lazy("Currency"), max_length=3, required=False, widget=forms.TextInput(attrs={"placeholder": "EUR"})
    )
    price_period = forms.ChoiceField(label=lazy("Paid"), choices=PricePeriod.choices)
    asks_cost_centre = forms.BooleanField(label=lazy("Ask which cost centre pays"), required=False)
    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=lazy("Service"), queryset=None, required=False
    )  # fmt: skip
    agreement: "forms.ModelChoiceField[Agreement]" = forms.ModelChoiceField(
        label=lazy("Agreement"), queryset=None, required=False,
        help_text=lazy("Its clock to fulfil it runs from the last approval."),
    )  # fmt: skip
    bundle = forms.MultipleChoiceField(
        label=lazy("A bundle of these items"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=lazy("They are asked for together, each with its own form, approval and tasks."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, item: CatalogItem, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["service"].queryset, fields["agreement"].queryset = services, living_agreements()
        kept = item.newest.bundle
        rows = CatalogItem.objects.live().exclude(pk=item.pk).order_by("name").values_list("slug", "name")[:300]
        fields["bundle"].choices = [*rows, *((one, one) for one in kept if one not in dict(rows))]
        if not fields["bundle"].choices:
            del self.fields["bundle"]

    def clean_keywords(self) -> list[str]:
        return [one.strip() for one in self.cleaned_data["keywords"].split(",") if one.strip()]

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()

    def clean_description(self) -> str:
        return str(self.cleaned_data["description"]).replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        try:
            given["price_minor"] = minor(given.get("price", ""), given.get("currency", ""))
        except ValidationError as error:
            self.add_error("price", error)
        return given

    def said(self) -> dict[str, Any]:
        """As the operations take it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "price"}


def words_as_typed(item: CatalogItem, version: CatalogItemVersion) -> dict[str, Any]:
    """What the form of words begins with."""
    plain = ("name", "summary", "description", "category", "expected_hours", "currency", "price_period",
             "asks_cost_centre", "bundle")  # fmt: skip
    return {
        **{name: getattr(version, name) for name in plain}, "keywords": ", ".join(version.keywords),
        "price": major(version.price_minor, version.currency) if version.price_minor else "",
        "service": version.service_id, "agreement": version.agreement_id, "version": item.version,
    }  # fmt: skip


class TermsForm(Form):
    """Who answers for it, and who may ask for it."""

    owner = forms.ModelChoiceField(
        label=lazy("Owner"), required=False,
        queryset=User.objects.active_people().order_by("name", "username"),
        help_text=lazy("Who answers for it, and is told of it."),
    )  # fmt: skip
    team = forms.ModelChoiceField(label=lazy("Team"), queryset=Team.objects.none())
    may = forms.MultipleChoiceField(
        label=lazy("Who may ask for it"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=lazy("None chosen: everybody who can sign in."),
    )  # fmt: skip
    may_people = forms.CharField(
        label=lazy("and these people (usernames)"), required=False, max_length=2_000,
        help_text=lazy("With commas between them."),
    )  # fmt: skip
    may_not = forms.MultipleChoiceField(
        label=lazy("Who may not, whatever else lets them"), required=False, widget=forms.CheckboxSelectMultiple
    )
    may_not_people = forms.CharField(label=lazy("nor these people (usernames)"), required=False, max_length=2_000)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, actor: Actor, item: CatalogItem, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["team"].queryset = teams_of(actor) | Team.objects.filter(pk=item.team_id)
        teams = Team.objects.standing().order_by("name").values_list("pk", "name")
        offered = [
            ("all", _("everybody who can sign in")),
            ("staff", _("who works here")),
            *((f"role:{one.value}", one.label) for one in Role),
        ]
        offered += [(f"team:{pk}", name) for pk, name in teams]
        places = Location.objects.filter(retired_at=None).order_by("name").values_list("slug", "name")
        offered += [(f"location:{slug}", name) for slug, name in places]
        fields["may"].choices = fields["may_not"].choices = offered

    def clean_may_people(self) -> list[str]:
        return self._people("may_people")

    def clean_may_not_people(self) -> list[str]:
        return self._people("may_not_people")

    def _people(self, name: str) -> list[str]:
        names = [one.strip() for one in self.cleaned_data[name].split(",") if one.strip()]
        found = dict(User.objects.filter(username__in=names).values_list("username", "pk"))
        if odd := [one for one in names if one not in found]:
            raise ValidationError(_("There is nobody called %(name)s.") % {"name": odd[0][:60]})
        return [f"user:{found[one]}" for one in names]

    def said(self) -> dict[str, Any]:
        """As the operations take it."""
        given = self.cleaned_data
        may = [{"token": one, "allow": True} for one in (*given["may"], *given["may_people"])]
        may_not = [{"token": one, "allow": False} for one in (*given["may_not"], *given["may_not_people"])]
        tokens = sorted([*may, *may_not], key=lambda one: str(one["token"]))
        return {"owner": given["owner"], "team": given["team"], "entitlements": tokens, "version": given["version"]}


def terms_as_typed(item: CatalogItem, entitlements: list[dict[str, Any]]) -> dict[str, Any]:
    """What the form of terms begins with."""
    begun: dict[str, Any] = {"owner": item.owner_id, "team": item.team_id, "version": item.version}
    ids = [int(one["token"].partition(":")[2]) for one in entitlements if one["token"].startswith("user:")]
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "username"))
    for name, allow in (("may", True), ("may_not", False)):
        tokens = [one["token"] for one in entitlements if one["allow"] is allow]
        begun[name] = [one for one in tokens if not one.startswith("user:")]
        people = [int(one.partition(":")[2]) for one in tokens if one.startswith("user:")]
        begun[f"{name}_people"] = ", ".join(names.get(one, "") for one in people)
    return begun
