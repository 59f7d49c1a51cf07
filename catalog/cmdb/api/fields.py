"""Items, classes and types of relations in bodies."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.cmdb.models import CI, CIClass, RelationType
from catalog.cmdb.queries.items import by_reference
from itsm.api import fields
from itsm.kernel.errors import NotFound


@extend_schema_field(OpenApiTypes.STR)
class ItemField(serializers.Field[Any, Any, Any, Any]):
    """An item's reference, among those that the caller may see."""

    default_error_messages = {"unknown": _("There is no such item.")}

    def to_internal_value(self, data: Any) -> CI:
        if not isinstance(data, str):
            self.fail("unknown")
        try:
            return by_reference(self.context["view"].actor, data)
        except NotFound:
            self.fail("unknown")

    def to_representation(self, value: CI) -> str:
        return value.reference


class ClassField(fields.Named):
    """A class by its key."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("slug_field", "slug")
        if not options.get("read_only"):
            options.setdefault("queryset", CIClass.objects.all())
        super().__init__(**options)


class TypeField(fields.Named):
    """A type of relation by its key."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("slug_field", "slug")
        if not options.get("read_only"):
            options.setdefault("queryset", RelationType.objects.all())
        super().__init__(**options)
