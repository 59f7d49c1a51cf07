"""A history from before the chain is linked when the tables are brought forward, and never after an anchor was made."""

import io
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection

from itsm.accounts.models import User
from itsm.audit import adopting, anchors, verifying
from itsm.audit.models import Anchor, Link
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from tests.itsm.audit.test_chain import at_commit

pytestmark = pytest.mark.django_db


def written_beside(engineer: User, system: Actor, many: int) -> None:
    """Entries as a release wrote them that knew no chain."""
    at_commit()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_is_linked")
        for n in range(many):
            record_event("user.seen", engineer, actor=system, remark=f"Nº {n}")
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_is_linked")
    at_commit()


def unlinked() -> int:
    return sum(one.what == "no link" for one in verifying.verify().findings)


def brought_forward() -> str:
    said = io.StringIO()
    call_command("upgrade_tables", stdout=said)
    return said.getvalue()


def test_what_was_written_before_the_chain_is_linked_once(
    engineer: User, system: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adopting, "PIECE", 3)
    written_beside(engineer, system, 7)
    record_event("user.seen", engineer, actor=system, remark="by the release before, with the chain's trigger there")
    at_commit()
    assert unlinked() == 7
    assert "7 entries of the history from before the chain were linked" in brought_forward()
    assert verifying.verify().findings == []
    links = Link.objects.count()
    assert "linked" not in brought_forward(), "a second time there is nothing left"
    assert Link.objects.count() == links


def test_what_was_written_beside_an_anchored_chain_stays_found(engineer: User, system: Actor) -> None:
    assert not Anchor.objects.exists()
    anchors.make(datetime(2026, 11, 30, 8, tzinfo=UTC))
    written_beside(engineer, system, 2)
    assert "linked" not in brought_forward()
    assert unlinked() == 2
