"""Offerings and agreements in bodies, looked up among what the caller may see."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.agreements.models import Agreement, Offering
from catalog.agreements.permissions import agreement_readers
from catalog.agreements.queries import visible_offerings

_ID = {"type": "integer", "minimum": 1}
_MAX = 2**63 - 1


def _is_id(said: Any) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and 0 < said <= _MAX


@extend_schema_field(_ID)
class OfferingField(serializers.Field[Any, Any, Any, Any]):
    """An offering's id."""

    default_error_messages = {"offering": _("There is no such offering.")}

    def to_internal_value(self, data: Any) -> Offering:
        seen = visible_offerings(self.context["view"].actor)
        found = seen.filter(pk=data).first() if _is_id(data) else None
        if found is None:
            self.fail("offering")
        return found

    def to_representation(self, value: Offering) -> int:
        return value.pk


@extend_schema_field(_ID)
class AgreementField(serializers.Field[Any, Any, Any, Any]):
    """An agreement's id."""

    default_error_messages = {"agreement": _("There is no such agreement.")}

    def to_internal_value(self, data: Any) -> Agreement:
        may = agreement_readers(self.context["view"].actor)
        found = Agreement.objects.filter(pk=data).first() if may and _is_id(data) else None
        if found is None:
            self.fail("agreement")
        return found

    def to_representation(self, value: Agreement) -> int:
        return value.pk
