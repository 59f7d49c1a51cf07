"""Optimistic locking over HTTP: ETag on the way out, If-Match on the way in."""

import re

from django.utils.translation import gettext
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.kernel.errors import InvalidInput

# What proxies make of our tag is still our tag: weak, `"3-gzip"` (Apache), `"3;gzip"` (Jetty), without quotes.
_TAG = re.compile(r'(?:W/)?(?P<quote>"?)v?(?P<version>\d{1,9})(?:[-;](?:gzip|br|zstd|deflate))?(?P=quote)', re.ASCII)


def version_read(request: Request) -> int | None:
    """The version in If-Match, or None where the header is absent.

    A list names one version in several spellings; one of several versions would not say which was read.
    """
    header = request.headers.get("If-Match")
    if header is None:
        return None
    found = [_TAG.fullmatch(one.strip()) for one in header.split(",")]
    versions = {int(one["version"]) for one in found if one}
    if len(versions) != 1 or None in found:
        raise InvalidInput(gettext('If-Match must hold the version you read, such as "3".'))
    return versions.pop()


def refuse_if_match(request: Request) -> None:
    """For what carries no version, so that nobody believes it was compared. Raises InvalidInput where one is named."""
    if request.headers.get("If-Match", "*") != "*":
        raise InvalidInput(gettext("This carries no version: leave If-Match out."))


def tagged(response: Response, version: int) -> Response:
    response["ETag"] = f'"{version}"'
    return response
