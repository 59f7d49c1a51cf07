"""What the door refuses, as the protocol has it: a code of JSON-RPC, a sentence, and the status that carries it."""

from collections.abc import Mapping
from typing import Any, Final

from mcp_types import HEADER_MISMATCH, INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR, RequestId
from mcp_types.jsonrpc import UNSUPPORTED_PROTOCOL_VERSION

# Ours, of those that are free for implementations (-32000 to -32019).
NOT_LET_IN: Final = -32010
TOO_MANY: Final = -32012
AWAY: Final = -32013

_STATUS: Final[Mapping[int, int]] = {
    PARSE_ERROR: 400,
    INVALID_REQUEST: 400,
    INVALID_PARAMS: 400,
    HEADER_MISMATCH: 400,
    UNSUPPORTED_PROTOCOL_VERSION: 400,
    METHOD_NOT_FOUND: 404,
}


class ProtocolError(Exception):
    """`carried_by`: the status of HTTP, by itself the one that the protocol names for the code, with `headers`.

    `request_id`: of the message that is answered, None where it could not be read.
    """

    def __init__(
        self,
        code: int,
        message: str,
        data: Any = None,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data
        self.carried_by = status or _STATUS.get(code, 200)
        self.headers = dict(headers or {})
        self.request_id: RequestId | None = None
