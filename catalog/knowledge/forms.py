"""Shapes of what people type about articles."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.knowledge.models import Article, ArticleVersion
from catalog.knowledge.vocabulary import MAX_SYMPTOMS, MAX_TITLE, Language
from itsm.accounts import audiences
from itsm.accounts.forms import AudienceField
from itsm.accounts.models import Team, User
from itsm.forms import Form

if TYPE_CHECKING:
    from catalog.services.models import Service


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ArticleForm(Form):
    """Its text, for the draft."""

    title = forms.CharField(
        label=_("Title"), max_length=MAX_TITLE,
        widget=forms.TextInput(attrs={"placeholder": _("The printer says that it is out of paper, and it is not")}),
        help_text=_("The question, in the words of those who ask it."),
    )  # fmt: skip
    symptoms = forms.CharField(
        label=_("Symptoms"), max_length=MAX_SYMPTOMS, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What people see and type: error texts, other names of the thing. It is found by them."),
    )  # fmt: skip
    body = forms.CharField(
        label=_("Text"), required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "class": "mono"}),
        help_text=_("Markdown: # heading, **bold**, - list, 1. steps, `code`, [words](address)."),
    )  # fmt: skip
    audience = AudienceField(required=False)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices, initial=Language.ENGLISH)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        audience = self.fields["audience"]
        audience.label, audience.initial = _("Who may read it"), [audiences.STAFF]
        audience.help_text = _("Teams: their members alone. It holds as soon as this version is published.")
        self.fields["body"].unmarked = True  # type: ignore[attr-defined]  # a draft may be empty for a while

    def clean_audience(self) -> list[str]:
        return list(self.cleaned_data["audience"]) or [audiences.STAFF]

    def clean_body(self) -> str:
        """Lines end as they are kept; how long it may be is said by the operation."""
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")

    def clean_symptoms(self) -> str:
        return str(self.cleaned_data["symptoms"]).replace("\r\n", "\n")


class TermsForm(Form):
    """Whose it is, and how long it holds."""

    owner = forms.ModelChoiceField(
        label=_("Owner"), required=False, empty_label=_("myself"),
        queryset=User.objects.active_people().order_by("name", "username"),
        help_text=_("Who is asked whether it is still right."),
    )  # fmt: skip
    team = forms.ModelChoiceField(
        label=_("Team"), required=False, queryset=Team.objects.standing().order_by("name"),
        help_text=_("Whom a proposed version is told to."),
    )  # fmt: skip
    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("Service"), queryset=None, required=False
    )  # fmt: skip
    review_on = forms.DateField(
        label=_("Look again on"), required=False, widget=_day(), help_text=_("In a year, where nothing is said.")
    )
    valid_to = forms.DateField(
        label=_("Valid to"), required=False, widget=_day(), help_text=_("Its last day, where it has one.")
    )

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]


class EditTermsForm(TermsForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


class NewArticleForm(ArticleForm, TermsForm):
    """Both at once."""

    origin = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)


class EditArticleForm(ArticleForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


def as_typed(article: Article, version: ArticleVersion) -> dict[str, Any]:
    """What the editor begins with."""
    return {
        "title": version.title, "symptoms": version.symptoms, "body": version.body, "audience": version.audience,
        "language": version.language, "version": article.version,
    }  # fmt: skip


def terms_as_typed(article: Article) -> dict[str, Any]:
    return {
        "owner": article.owner_id, "team": article.team_id, "service": article.service_id,
        "review_on": article.review_on, "valid_to": article.valid_to, "version": article.version,
    }  # fmt: skip
