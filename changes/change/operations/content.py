"""The content of a change as one hash: an authorisation is good for this content only."""

import hashlib
import json

from changes.change.models import Change
from itsm.audit.recording import plain

MATERIAL = (
    "summary", "service_id", "environment", "purpose", "plan", "backout", "artifact_digest",
    "artifact_version", "commit", "window_start", "window_end", "model_id", "author_id", "implementer_id",
)  # fmt: skip


def content_hash(change: Change) -> str:
    """SHA-256 over the material fields; whatever of them changes, voids what was authorised."""
    material = {name: plain(getattr(change, name)) for name in MATERIAL}
    if change.items:  # without any it is the content that it was before there were items
        material["items"] = change.items
    return hashlib.sha256(json.dumps(material, sort_keys=True, ensure_ascii=True).encode()).hexdigest()
