"""Filters of what waits for a second person."""

import django_filters
from django.utils.translation import gettext_lazy as _

from itsm.api.filters import Listed
from itsm.approvals.models import Confirmation
from itsm.approvals.workflow import ConfirmationStatus


class ConfirmationFilter(Listed):
    status = django_filters.ChoiceFilter(choices=ConfirmationStatus.choices, label=_("State"))
    record = django_filters.CharFilter(field_name="record_reference", label=_("Record"), max_length=80)

    class Meta:
        model = Confirmation
        fields = ("status", "record")
