"""Every write to software agents: they are connected, edited, given tokens, stopped, resumed, ended."""

from itsm.agents.operations.connecting import connect, edit
from itsm.agents.operations.ending import end
from itsm.agents.operations.stopping import is_door_shut, resume, resume_all, stop, stop_all
from itsm.agents.operations.tokens import issue_token, revoke_token

__all__ = [
    "connect",
    "edit",
    "end",
    "is_door_shut",
    "issue_token",
    "resume",
    "resume_all",
    "revoke_token",
    "stop",
    "stop_all",
]
