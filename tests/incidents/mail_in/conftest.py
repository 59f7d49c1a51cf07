"""A desk with a mailbox, somebody who writes to it, and somebody who works there."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from incidents.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.accounts.operations import add_address
from itsm.accounts.operations.addresses import set_primary_address
from itsm.mail.applying import apply
from itsm.mail.intake import accept
from itsm.mail.models import IncomingMail, Mailbox, OutgoingMail
from itsm.mail.threads import message_id_for
from tests.itsm.mail.mails import SUPPORT

Come = Callable[..., IncomingMail]
assert add_address  # the tests' own door to addresses that nobody verified


@pytest.fixture
def queue(agent: User) -> Team:
    team = Team.objects.create(slug="support", name="Support", takes_work=True)
    Membership.objects.create(team=team, user=agent)
    return team


@pytest.fixture
def mailbox(queue: Team) -> Mailbox:
    return Mailbox.objects.create(
        slug="support", address=SUPPORT, aliases=["help@desk.example"], team=queue, is_default=True
    )


@pytest.fixture
def bo(person: Any) -> User:
    made = person("requester", username="bo")
    set_primary_address(made, "bo@example.org")
    return made


@pytest.fixture
def worker(agent: User) -> User:
    set_primary_address(agent, "agent@example.org")
    return agent


@pytest.fixture
def come(mailbox: Mailbox) -> Come:
    def _come(raw: bytes, at: Any = None) -> IncomingMail:
        """The mail comes through the door, and is looked at."""
        now = at or timezone.now()
        kept = accept(raw, mailbox=mailbox, at=now)
        found = apply(kept.pk, now)
        assert found is not None
        return found

    return _come


@pytest.fixture
def written_to(mailbox: Mailbox) -> Callable[[Incident, str], str]:
    """That a mail about an incident was sent to an address; its Message-ID."""

    def _written(incident: Incident, address: str) -> str:
        number = OutgoingMail.objects.count() + 1
        said = message_id_for(incident.kind, incident.pk, number, "desk.example")
        OutgoingMail.objects.create(
            message_id=said,
            record_kind=incident.kind,
            record_id=incident.pk,
            mailbox=mailbox,
            to=address,
            at=timezone.now(),
        )
        return said

    return _written
