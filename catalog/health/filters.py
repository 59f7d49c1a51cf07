"""What lists of findings are narrowed by; scores link to them in these words."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.cmdb.filters import of_item
from catalog.cmdb.models import CIClass
from catalog.health.models import Finding
from catalog.health.queries.listing import accepted_now, of_measure, open_now
from catalog.health.vocabulary import CORRECT, Kind
from itsm.api.filters import Listed

_KINDS = [*Kind.choices, (CORRECT, _("correct (none but complete and full)"))]


class FindingFilter(Listed):
    """Those that stand and that nobody lives with, unless `state` is accepted. `class` finds what inherits from it."""

    kind = django_filters.ChoiceFilter(choices=_KINDS, method="of_kind", label=_("Kind"), empty_label=_("Any kind"))
    team = django_filters.CharFilter(field_name="ci__team__slug", label=_("Team"), max_length=63)
    ci = django_filters.CharFilter(method="of_item", label=_("Item"), max_length=20)
    state = django_filters.ChoiceFilter(
        choices=[("open", _("open")), ("accepted", _("accepted"))], method="in_state", label=_("State")
    )
    task = django_filters.BooleanFilter(field_name="task", lookup_expr="isnull", exclude=True, label=_("With a task"))

    class Meta:
        model = Finding
        fields = ("kind", "team", "ci", "state", "task")

    def filter_queryset(self, queryset: QuerySet[Finding]) -> QuerySet[Finding]:
        found: QuerySet[Finding] = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("state") else found.filter(open_now(timezone.now()))

    def of_kind(self, findings: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        return findings.filter(of_measure(value))

    def of_item(self, findings: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        return of_item(self, findings, name, value)

    def of_class(self, findings: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        known = CIClass.objects.filter(slug=value).values_list("pk", flat=True).first()
        return findings.filter(ci__ci_class__lineage__contains=[known]) if known is not None else findings.none()

    def in_state(self, findings: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        wanted: Any = accepted_now if value == "accepted" else open_now
        return findings.filter(wanted(timezone.now()))


# `class` is a word of Python's own.
FindingFilter.base_filters["class"] = django_filters.CharFilter(method="of_class", label=_("Class"), max_length=40)
