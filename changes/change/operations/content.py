"""The content of a change as one hash: an authorisation is good for this content only."""

import hashlib
import json

from changes.change.models import Change
from itsm.audit.recording import plain

MATERIAL = (
    "service_id", "environment", "purpose", "plan", "test_plan", "backout", "no_backout_because", "communication_plan",
    "outage_minutes", "outage_services", "artifact_digest", "artifact_version", "commit", "window_start", "window_end",
    "items", "model_id", "model_version", "implementer_id",
)  # fmt: skip


def content_hash(change: Change) -> str:
    """SHA-256 over the material fields; whatever of them changes, voids what was authorised.

    What a change is called is no content: its summary may be put better at any time.
    """
    material = {name: plain(getattr(change, name)) for name in MATERIAL}
    if change.stake is not None:  # of experiments alone: the content of all others is what it was
        material["stake"] = plain(change.stake)
    return hashlib.sha256(json.dumps(material, sort_keys=True, ensure_ascii=True).encode()).hexdigest()
