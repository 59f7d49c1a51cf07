"""What files wait for: the scanner, their small picture, the sweep."""

from celery import shared_task
from django.db.models import Q

from itsm.files import scanning, sweeping, thumbnails
from itsm.files.models import Attachment
from itsm.files.vocabulary import Preview, State
from itsm.locks import AdvisoryLock, for_a_session

_AT_ONCE = 20


@shared_task
def look_at_new_files() -> int:
    """Ask the scanner about what waits, and draw what is owed; one worker at a time. Safe to run twice."""
    with for_a_session(AdvisoryLock.NEW_FILES) as is_mine:
        return _looked_at() if is_mine else 0


def _looked_at() -> int:
    """In no order, so that one file that the scanner says nothing of keeps no other waiting."""
    to_do = Q(state=State.WAITING) | Q(state=State.CLEAN, preview=Preview.OWED)
    done = 0
    for one in Attachment.objects.filter(to_do, withdrawn_at=None).order_by("?")[:_AT_ONCE]:
        state = scanning.scan(one) if one.state == State.WAITING else State.CLEAN
        if state == State.WAITING:
            break  # silent: asked again with the next sweep
        if state == State.CLEAN and one.preview == Preview.OWED:
            thumbnails.draw(one)
        done += 1
    return done


@shared_task
def sweep_files() -> int:
    """Take away bytes that no row names. Safe to run twice."""
    return sweeping.sweep()
