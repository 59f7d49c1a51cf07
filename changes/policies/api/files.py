"""A policy as a file on the way in and out: YAML or JSON, whichever is asked for."""

from typing import IO, Any

from rest_framework import parsers, renderers

from changes.policies.formats.policy_files import BOUNDS, policy_to_text
from itsm.api.parsers import StrictJSON, TooLarge

_TYPES = ("application/yaml", "application/x-yaml", "text/yaml")


class _File(parsers.BaseParser):
    """{content: the text as it is}: what is wrong with it is said with line and path, by the operation."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        text = stream.read(BOUNDS.largest + 1)
        if len(text) > BOUNDS.largest:
            raise TooLarge
        return {"content": text.decode("utf-8", "surrogateescape")}


PARSERS = [StrictJSON, *(type("PolicyFileParser", (_File,), {"media_type": one}) for one in _TYPES)]


class PolicyFileRenderer(renderers.BaseRenderer):
    """The content alone, as YAML; a problem stays JSON."""

    media_type, format, charset = "application/yaml", "yaml", "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        if isinstance(data, dict) and isinstance(data.get("content"), dict):
            return policy_to_text(data["content"]).encode()
        return renderers.JSONRenderer().render(data)
