"""What is stored of postmortems."""

from incidents.postmortem.models.parts import PostmortemAction, PostmortemEvent
from incidents.postmortem.models.postmortems import Postmortem
from incidents.postmortem.models.versions import PostmortemVersion

__all__ = ["Postmortem", "PostmortemAction", "PostmortemEvent", "PostmortemVersion"]
