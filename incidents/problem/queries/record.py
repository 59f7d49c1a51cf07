"""What was written on a problem and what happened to it."""

from incidents.problem.models import Problem
from itsm.audit.models import Entry
from itsm.audit.recording import timeline
from itsm.work.models import Note
from itsm.work.operations import notes_on as notes_of


def notes_on(problem: Problem) -> list[Note]:
    """What was written on it, oldest first: all of it is for those who work here."""
    return notes_of(problem, with_private=True)


def story_of(problem: Problem) -> list[Entry]:
    """What happened to it, newest first."""
    return timeline(problem)
