"""Headers that a person may add to a request, such as a tenant's: none that steers, and none that signs in."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from itsm.notifications.addresses import OutgoingRefused

MAX_HEADERS = 20
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}")
_VALUE = re.compile(r"[\x20-\x7e]{0,1000}")
# Ours to set, hop by hop, or a secret that belongs into a credential.
_RESERVED = {
    "host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect",
    "accept-encoding", "authorization", "proxy-authorization", "proxy-connection", "cookie",
}  # fmt: skip


def permitted_headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    """The headers to send, ours included. OutgoingRefused for one that may not be set or holds odd characters."""
    given = dict(headers or {})
    if len(given) > MAX_HEADERS:
        raise OutgoingRefused(_("At most %(most)d headers may be added.") % {"most": MAX_HEADERS})
    for name, value in given.items():
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise OutgoingRefused(_("A header that should be added holds characters that may not be sent."))
        if name.lower() in _RESERVED:
            raise OutgoingRefused(_("The header %(name)s may not be set by hand.") % {"name": name})
    return {"User-Agent": "Headroom"} | given
