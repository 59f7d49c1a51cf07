"""Results as each revision sends them, made and checked by its own shapes."""

from typing import Any, Final

from mcp_types import SERVER_INFO_META_KEY, Implementation, Result, methods

from itsm.agents.door.revisions import is_modern

SERVER: Final = Implementation(name="headroom", title="Headroom", version="1")
KEPT_FOR: Final = 60_000  # milliseconds for which a client need not ask again: owners give and take capabilities
_STAMP = {SERVER_INFO_META_KEY: SERVER.model_dump(mode="json", by_alias=True, exclude_none=True)}


def as_sent(method: str, revision: str, result: Result) -> dict[str, Any]:
    """The members of the answer to that method."""
    data = result.model_dump(mode="json", by_alias=True, exclude_none=True)
    if is_modern(revision):
        data = {"resultType": "complete", **data, "_meta": {**data.get("_meta", {}), **_STAMP}}
    return methods.serialize_server_result(method, revision, data)
