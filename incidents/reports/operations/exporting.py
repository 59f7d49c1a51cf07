"""Exports: who took what is written down, and two at a time are enough for one server."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from incidents.reports.queries.exporting import Choose, Chunk, as_csv, as_jsonl, chunks
from itsm.accounts.models import User
from itsm.accounts.step_up import require_proof
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Unavailable
from itsm.locks import AdvisoryLock, SessionLock

AT_ONCE = 2
KINDS = {"csv": "text/csv", "jsonl": "application/jsonl"}
FORMS: Mapping[str, Callable[[Actor, Iterator[Chunk]], Iterator[str]]] = {"csv": as_csv, "jsonl": as_jsonl}


class Export:
    """The parts of a file while they are made; holds one of the places for exports until it is read or given up.

    Whoever answers with it closes it, read or not: a reader that goes away leaves the place to the next.
    """

    def __init__(self, parts: Iterator[str], place: SessionLock) -> None:
        self._parts, self._place = parts, place

    def __iter__(self) -> Iterator[str]:
        try:
            yield from self._parts
        finally:
            self.close()

    def close(self) -> None:
        """Give the place back; nothing where that was done."""
        self._place.give_back()


def export(choose: Choose, *, actor: Actor, form: str, asked: Mapping[str, str]) -> Export:
    """What `choose` finds for the actor as a file of a form (a key of FORMS), made while it is read.

    Takes a place, and writes down who exports what. Without terms it is everything, which weighs: on a page it takes
    somebody who has just shown who they are (PasswordNeeded); a token may what its scopes say. Raises Unavailable where
    all places are taken; while it is read, NotPermitted as soon as the account may no longer come in.
    """
    if actor.via is Door.WEB and not any(said for name, said in asked.items() if name != "tab"):
        require_proof(actor, doing=gettext("export everything"))
    place = _enter()
    try:
        with transaction.atomic():
            account = User.objects.get(pk=actor.id or 0)
            changes: dict[str, list[Any]] = {"form": [None, form], "asked": [None, dict(asked)]}
            record_event("user.exported_incidents", account, actor=actor, changes=changes)
    except BaseException:
        place.give_back()
        raise
    return Export(FORMS[form](actor, chunks(actor, choose)), place)


def _enter() -> SessionLock:
    for number in range(1, AT_ONCE + 1):
        place = SessionLock(AdvisoryLock.EXPORT, number)
        if place.take(waits=False):
            return place
    raise Unavailable(gettext("Others are exporting just now. Try again in a minute."))
