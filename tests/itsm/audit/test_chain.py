"""The chain over the history: a link for each entry, none for what was rolled back, and no fork."""

import pytest
from django.db import connection

from itsm.accounts.models import User
from itsm.audit.models import Head, Link
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor

pytestmark = pytest.mark.django_db


def at_commit() -> None:
    """What waits for the commit happens now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def test_an_entry_gets_its_link_when_its_transaction_commits(engineer: User, system: Actor) -> None:
    at_commit()
    before = Link.objects.count()
    record_event("user.seen", engineer, actor=system)
    record_event("user.heard", engineer, actor=system)
    assert Link.objects.count() == before
    at_commit()
    head = Head.objects.get(chain=connection.connection.info.backend_pid % 16)
    last, one_before = Link.objects.filter(chain=head.chain).order_by("-seq")[:2]
    assert (last.seq, bytes(last.hash)) == (head.seq, bytes(head.hash))
    assert (one_before.seq, bytes(one_before.hash)) == (last.seq - 1, bytes(last.previous))
    assert Link.objects.count() == before + 2
