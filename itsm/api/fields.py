"""Fields that take what they say and nothing that merely resembles it."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

_RFC3339 = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$", re.ASCII)


class Text(serializers.CharField):
    """A JSON string; numbers and booleans are not texts."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Whole(serializers.IntegerField):
    """A JSON whole number; "7", 7.0 and true are not. Bounded to what the database holds."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("min_value", -(2**31))
        options.setdefault("max_value", 2**31 - 1)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class YesNo(serializers.BooleanField):
    """A JSON boolean; "yes", 1 and null are not."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Ratio(serializers.DecimalField):
    """An exact decimal, written as a string such as "0.999" (a JSON number is taken digit by digit)."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_digits", 20)
        options.setdefault("decimal_places", 9)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, str | int | Decimal):
            self.fail("invalid")
        if isinstance(data, str) and not re.fullmatch(r"-?\d{1,12}(\.\d{1,12})?", data, re.ASCII):
            self.fail("invalid")
        return Decimal(super().to_internal_value(str(data)))


@extend_schema_field(OpenApiTypes.DATETIME)
class Instant(serializers.Field[datetime, Any, str, Any]):
    """An RFC 3339 time with its zone; kept and written in UTC."""

    default_error_messages = {"invalid": _("Send an RFC 3339 time with a zone, such as 2026-11-23T14:05:00Z.")}

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str) or not _RFC3339.match(data):
            self.fail("invalid")
        try:
            return datetime.fromisoformat(data.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("invalid")

    def to_representation(self, value: datetime) -> str:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
