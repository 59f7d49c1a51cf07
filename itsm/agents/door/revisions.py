"""Which revision of the protocol a message speaks, and whether it says the same in its headers and in its body."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final

from mcp_types import (
    CLIENT_CAPABILITIES_META_KEY,
    DEFAULT_NEGOTIATED_VERSION,
    HEADER_MISMATCH,
    INVALID_PARAMS,
    PROTOCOL_VERSION_META_KEY,
    UNSUPPORTED_PROTOCOL_VERSION,
)
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_HANDSHAKE_VERSION, MODERN_PROTOCOL_VERSIONS

from itsm.agents.door.errors import ProtocolError
from itsm.agents.quoting import visible

SPOKEN: Final = (*reversed(MODERN_PROTOCOL_VERSIONS), *reversed(HANDSHAKE_PROTOCOL_VERSIONS))
_NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_ENCODED = re.compile(r"^=\?base64\?(.*)\?=$")


def is_modern(revision: str) -> bool:
    """Whether each request says itself what a handshake said before."""
    return revision in MODERN_PROTOCOL_VERSIONS


def revision_of(message: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """The revision that this request is to be read and answered in. Raises ProtocolError where its header and body
    disagree, something that the revision asks for is missing, or the revision is not spoken here."""
    said = headers.get("Mcp-Protocol-Version")
    within = _meta(message).get(PROTOCOL_VERSION_META_KEY)
    if said is None and within is None:
        return DEFAULT_NEGOTIATED_VERSION
    if said not in MODERN_PROTOCOL_VERSIONS and within is None:
        return _spoken(said)
    _require_alike(message, headers)
    return _spoken(said)


def revision_of_notification(headers: Mapping[str, str]) -> str:
    """As `revision_of`, of what is not answered: only the header is looked at."""
    return _spoken(headers.get("Mcp-Protocol-Version", DEFAULT_NEGOTIATED_VERSION))


def negotiated(requested: str) -> str:
    """What a handshake comes to: the revision that was asked for, where it has one, or the newest that has."""
    return requested if requested in HANDSHAKE_PROTOCOL_VERSIONS else LATEST_HANDSHAKE_VERSION


def _spoken(said: str | None) -> str:
    if said not in SPOKEN:
        raise ProtocolError(
            UNSUPPORTED_PROTOCOL_VERSION,
            "This revision of the protocol is not spoken here.",
            {"supported": list(SPOKEN), "requested": visible(str(said)[:100])},
        )
    return str(said)


def _meta(message: Mapping[str, Any]) -> Mapping[str, Any]:
    params = message.get("params")
    meta = params.get("_meta") if isinstance(params, Mapping) else None
    return meta if isinstance(meta, Mapping) else {}


def _require_alike(message: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    """What stands in the headers, for those in between, is what stands in the body (revision 2026-07-28)."""
    meta = _meta(message)
    missing = [key for key in (PROTOCOL_VERSION_META_KEY, CLIENT_CAPABILITIES_META_KEY) if key not in meta]
    if missing:
        raise ProtocolError(INVALID_PARAMS, f"params._meta must hold {' and '.join(missing)}.")
    if headers.get("Mcp-Protocol-Version") != meta[PROTOCOL_VERSION_META_KEY]:
        raise ProtocolError(
            HEADER_MISMATCH, f"The header MCP-Protocol-Version must say what {PROTOCOL_VERSION_META_KEY} says."
        )
    method = message.get("method")
    if headers.get("Mcp-Method") != method:
        raise ProtocolError(HEADER_MISMATCH, "The header Mcp-Method must say what “method” says.")
    named_by = _NAMED_BY.get(str(method))
    name = message["params"].get(named_by) if named_by else None
    if name is not None and _decoded(headers.get("Mcp-Name")) != name:
        raise ProtocolError(HEADER_MISMATCH, f"The header Mcp-Name must say what “{named_by}” says.")


def _decoded(value: str | None) -> str | None:
    """A header's value; what no header can hold comes as =?base64?…?=. None where that cannot be read."""
    found = _ENCODED.match(value) if value is not None else None
    if found is None:
        return value
    try:
        raw = base64.b64decode(found[1], validate=True)
        return raw.decode() if base64.b64encode(raw).decode() == found[1] else None
    except (binascii.Error, UnicodeDecodeError):
        return None
