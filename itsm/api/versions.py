"""Optimistic locking over HTTP: ETag on the way out, If-Match on the way in."""

import re

from django.utils.translation import gettext
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.kernel.errors import InvalidInput

_TAG = re.compile(r'^(?:W/)?(?P<quote>"?)v?(?P<version>\d{1,9})(?P=quote)\Z', re.ASCII)


def version_read(request: Request) -> int | None:
    """The version in If-Match, or None where the header is absent."""
    header = request.headers.get("If-Match")
    if header is None:
        return None
    found = _TAG.match(header.strip())
    if found is None:
        raise InvalidInput(gettext('If-Match must hold the version you read, such as "3".'))
    return int(found["version"])


def tagged(response: Response, version: int) -> Response:
    response["ETag"] = f'"{version}"'
    return response
