"""The limits of files, as they are said beside the button and enforced by the operations."""

from typing import Any

from django import template

from itsm.files import vocabulary

register = template.Library()
_MB = 1_000_000


@register.simple_tag
def file_limits() -> dict[str, Any]:
    """Bytes, and the same in MB as people say them."""
    return {
        "file": vocabulary.MAX_BYTES,
        "together": vocabulary.MAX_MESSAGE_BYTES,
        "file_mb": vocabulary.MAX_BYTES // _MB,
        "together_mb": vocabulary.MAX_MESSAGE_BYTES // _MB,
        "on_record": vocabulary.MAX_ON_RECORD,
        "day_mb": vocabulary.MAX_BYTES_A_DAY // _MB,
    }
