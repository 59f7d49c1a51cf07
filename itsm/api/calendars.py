"""The field by which bodies name a calendar."""

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from itsm.clocks.models import Calendar


@extend_schema_field(OpenApiTypes.INT64)
class CalendarField(serializers.Field[Any, Any, Any, Any]):
    """A calendar by its id; null: every second counts."""

    def to_internal_value(self, data: Any) -> Calendar:
        if isinstance(data, bool) or not isinstance(data, int) or not 0 < data < 2**63:
            raise serializers.ValidationError(gettext("Send the id of a calendar."))
        found = Calendar.objects.filter(pk=data).first()
        if found is None:
            raise serializers.ValidationError(gettext("There is no such calendar."))
        return found

    def to_representation(self, value: Calendar) -> int:
        return value.pk
