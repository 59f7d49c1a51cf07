"""People in bodies: by user name."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from itsm.accounts.models import User


@extend_schema_field(OpenApiTypes.STR)
class PersonField(serializers.Field[Any, Any, Any, Any]):
    """A person's user name."""

    default_error_messages = {"unknown": _("There is no account of this name.")}

    def to_internal_value(self, data: Any) -> User:
        user = User.objects.filter(username__iexact=data[:150]).first() if isinstance(data, str) else None
        if user is None:
            self.fail("unknown")
        return user

    def to_representation(self, value: User) -> str:
        return value.username
