"""Fields that take what they say and nothing that merely resembles it."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from itsm.api.nearest import did_you_mean
from itsm.kernel.texts import is_blank
from itsm.notifications.web_addresses import MAX_LENGTH, is_web_address, our_address

RATIO = r"-?\d{1,12}(\.\d{1,12})?"
_RFC3339 = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$", re.ASCII)


class Text(serializers.CharField):
    """A JSON string; numbers and booleans are not texts. Blank is what a reader cannot see."""

    def run_validation(self, data: Any = empty) -> Any:
        if isinstance(data, str) and is_blank(data):
            data = ""
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if self.max_length is not None and len(data) > self.max_length:  # white space around it counts, as it says
            self.fail("max_length", max_length=self.max_length)
        return str(super().to_internal_value(data))


@extend_schema_field({"type": "string"})
class Link(Text):
    """A web address that decorates a record. What is none, or too long, is left out: a decoration never costs an
    answer. So no length is promised."""

    def __init__(self, **options: Any) -> None:
        options |= {"default": "", "allow_blank": True, "allow_null": True}
        super().__init__(**options)

    def run_validation(self, data: Any = empty) -> Any:
        return super().run_validation("" if data is None else data)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data).strip()
        return text if len(text) <= MAX_LENGTH and is_web_address(text) else ""


@extend_schema_field(OpenApiTypes.URI)
class OurAddress(serializers.CharField):
    """A path of ours, written as an absolute address."""

    def to_representation(self, value: Any) -> str:
        return our_address(str(value))


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


class Uuid(serializers.UUIDField):
    """A UUID as a text with its dashes, as the schema promises; a number or another spelling is none."""

    _SHAPE = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str) or not self._SHAPE.fullmatch(data):
            self.fail("invalid", value=str(data)[:40])
        return UUID(data)


class Choice(serializers.ChoiceField):
    """One of the listed values, in the type that they have; what is none hears which there are."""

    def to_internal_value(self, data: Any) -> Any:
        if data == "" and self.allow_blank:
            return ""
        known = [value for value in self.choices if value != ""]
        if type(data) not in {type(value) for value in known} or data not in known:
            listed = [str(value) for value in known]
            near = did_you_mean(data, listed) if isinstance(data, str) else ""
            raise serializers.ValidationError(gettext("Not one of %(known)s.") % {"known": ", ".join(listed)} + near)
        return data


class VersionRead(Whole):
    """The version that a body replaces: where another one stands by now, the answer is 412."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": 2_000_000_000} | options)


class Named(serializers.SlugRelatedField[Any]):
    """A record by its slug, among those of the field's queryset; what is none hears the near ones.

    Null is null: an empty text names nothing, as any other text that is no name.
    """

    def run_validation(self, data: Any = empty) -> Any:
        if data == "":
            return self.to_internal_value(data)
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        rows: Any = self.get_queryset()
        found = rows.filter(**{self.slug_field or "slug": data}).first()
        if found is None:
            near = did_you_mean(data, rows.values_list(self.slug_field, flat=True).order_by(self.slug_field))
            raise serializers.ValidationError(gettext("There is none called %(name)s.") % {"name": data[:80]} + near)
        return found


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

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """Null is null: the framework's own takes an empty text for it, which is no number."""
        return serializers.Field.validate_empty_values(self, data)

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, str | int | Decimal):
            self.fail("invalid")
        if isinstance(data, str) and not re.fullmatch(RATIO, data, re.ASCII):
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


@extend_schema_field({})
class Anything(serializers.JSONField):
    """Whatever JSON can say, null too: what it means is looked at where it is used."""

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return (True, None) if data is None else super().validate_empty_values(data)
