"""What mail does to incidents, and to what is learned from them: problems and postmortems."""

from incidents.mail_in.operations.learning import (
    handler_of_postmortems,
    handler_of_problems,
    postmortem_as_mailed,
    problem_as_mailed,
)
from incidents.mail_in.operations.on_incidents import (
    find,
    hear,
    make_sender_caller,
    note_automatic,
    note_bounce,
    open_by_mail,
    takes_part,
)

__all__ = [
    "find",
    "handler_of_postmortems",
    "handler_of_problems",
    "hear",
    "make_sender_caller",
    "note_automatic",
    "note_bounce",
    "open_by_mail",
    "postmortem_as_mailed",
    "problem_as_mailed",
    "takes_part",
]
