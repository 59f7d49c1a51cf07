"""What drf-spectacular cannot see by itself: how our two ways in are described in OpenAPI."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)

from itsm.api.described import problem_schemas
from itsm.api.fields import RATIO


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "itsm.api.authentication.Bearer"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "hr_<id>.<secret>"}


class RoutingKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """As the others for who reads the schema: a header is understood there too."""

    target_class = "incidents.alerts_in.api.doors.RoutingKey"
    name = "routing_key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "hr_<id>.<secret>"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "itsm.api.authentication.Session"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class ShownByReader(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """What some readers are not shown is not required: `for_everybody` of a serializer names what always is."""

    target_class = "itsm.api.serializers.ShownByReader"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> Any:
        shape = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**shape, "required": sorted(self.target.for_everybody)}


class RatioShape(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Taken as a string or as a JSON number, written as a string."""

    target_class = "itsm.api.fields.Ratio"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        kind = ["string", "number"] if direction == "request" else "string"
        return {"type": kind, "pattern": f"^{RATIO}$", "example": "0.999"}


def refusals_are_listed(result: Any, **_kwargs: Any) -> Any:
    """The problems that operations refer to, after the enumerations have got their names: theirs are of no field."""
    told = str(result["paths"])
    used = {name: schema for name, schema in problem_schemas().items() if f"/{name}'" in told}
    result["components"]["schemas"] |= used
    return result


def null_is_a_type(result: Any, **_kwargs: Any) -> Any:
    """`nullable` of OpenAPI 3.0, where a field wrote it by hand, in the words of 3.1."""
    if isinstance(result, dict):
        if result.pop("nullable", False) is True:
            result["type"] = [result["type"], "null"]
        for inner in result.values():
            null_is_a_type(inner)
    elif isinstance(result, list):
        for inner in result:
            null_is_a_type(inner)
    return result
