"""Refusals as SCIM says them (RFC 7644, 3.12)."""

from typing import Any

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


class ScimRefused(Exception):
    """This request is not done. `scim_type`: a word of RFC 7644, table 9, where one fits."""

    def __init__(self, status: int, detail: str, scim_type: str = "") -> None:
        super().__init__(detail)
        self.status, self.detail, self.scim_type = status, detail, scim_type


def error_body(status: int, detail: str, scim_type: str = "") -> dict[str, Any]:
    """The body of a refusal; `status` is a text there."""
    body: dict[str, Any] = {"schemas": [ERROR], "status": str(status), "detail": detail}
    return {**body, "scimType": scim_type} if scim_type else body


def invalid_value(detail: str) -> ScimRefused:
    return ScimRefused(400, detail, "invalidValue")


def invalid_path(detail: str) -> ScimRefused:
    return ScimRefused(400, detail, "invalidPath")


def invalid_filter(detail: str) -> ScimRefused:
    return ScimRefused(400, detail, "invalidFilter")


def unique(detail: str) -> ScimRefused:
    return ScimRefused(409, detail, "uniqueness")
