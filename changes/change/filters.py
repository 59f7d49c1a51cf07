"""Filters shared by the changes page and the API."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.environments.filters import EnvironmentFilter
from changes.change.models import Change
from changes.change.models.change import ChangeQuerySet
from changes.change.vocabulary import OUTCOMES, ChangeClass
from changes.change.workflow import OVER, Status
from itsm.api.filters import Listed
from itsm.kernel.references import number_in

STATES = [("open", _("Open")), *Status.choices]
REVIEW_DUE = _("Review due")
VERDICTS = [(outcome, word) for outcome, (word, _tone) in OUTCOMES.items()]


class ChangeFilter(Listed):
    text = django_filters.CharFilter(method="matching", label=_("Text"), max_length=100)
    state = django_filters.ChoiceFilter(method="in_state", choices=STATES, label=_("State"), empty_label=_("Any state"))
    verdict = django_filters.ChoiceFilter(
        method="of_verdict", choices=VERDICTS, label=_("Verdict"), empty_label=_("Any verdict"),
        help_text="as it stands now: nothing of what lapsed, is a draft, on hold or cancelled, but for a refusal",
    )  # fmt: skip
    service = django_filters.CharFilter(field_name="service__slug", label=_("Service"), max_length=63)
    change_class = django_filters.ChoiceFilter(
        choices=ChangeClass.choices, label=_("Class"), empty_label=_("Any class")
    )
    environment = EnvironmentFilter()
    review = django_filters.ChoiceFilter(
        method="of_review", choices=[("due", REVIEW_DUE)], label=_("Review"), empty_label=_("Any review")
    )

    class Meta:
        model = Change
        fields = ("text", "state", "verdict", "service", "change_class", "environment", "review")

    def matching(self, changes: QuerySet[Change], name: str, value: str) -> QuerySet[Change]:
        number = number_in(value, "CHG")
        if number is not None:
            return changes.filter(pk=number)
        return changes.filter(Q(summary__icontains=value) | Q(artifact_version=value))

    def in_state(self, changes: QuerySet[Change], name: str, value: str) -> QuerySet[Change]:
        return changes.exclude(status__in=OVER) if value == "open" else changes.filter(status=value)

    def of_verdict(self, changes: ChangeQuerySet, name: str, value: str) -> QuerySet[Change]:
        return changes.saying(value, timezone.now())

    def of_review(self, changes: ChangeQuerySet, name: str, value: str) -> QuerySet[Change]:
        return changes.with_review_due()
