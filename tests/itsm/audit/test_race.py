"""Many append at once and some take it back: the chains have neither forks nor gaps, and nobody waits in a circle."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from itsm.accounts.models import User
from itsm.audit import verifying
from itsm.audit.models import Entry, Head, Link
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from tests.slo.proving import IN_FULL

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.in_turn(3, at=1)]
CLIENTS, EACH = (32, 200) if IN_FULL else (18, 8)
SYSTEM = Actor.system("tests")


def append(seed: int, person: User) -> int:
    """So many transactions of one to three entries; how many entries were committed."""
    draw, kept = random.Random(seed), 0
    for n in range(EACH):
        many, back = draw.randint(1, 3), draw.random() < 0.3
        with transaction.atomic():
            for _ in range(many):
                record_event("user.seen", person, actor=SYSTEM, changes={"n": [seed, n]})
            if draw.random() < 0.2:
                with transaction.atomic():
                    record_event("user.undone", person, actor=SYSTEM)
                    transaction.set_rollback(True)
            transaction.set_rollback(back)
        kept += 0 if back else many
    connections.close_all()
    return kept


def test_chains_are_whole_after_a_race(engineer: User) -> None:
    before = Link.objects.count()
    with ThreadPoolExecutor(CLIENTS) as pool:
        kept = sum(pool.map(append, range(CLIENTS), [engineer] * CLIENTS))
    assert verifying.verify().findings == []
    assert Link.objects.count() == before + kept
    assert Entry.objects.filter(event="user.seen").count() == kept
    assert not Entry.objects.filter(event="user.undone").exists()
    heads = {one.chain: one.seq for one in Head.objects.all()}
    assert len(heads) > 4
    assert sum(heads.values()) == Link.objects.count()
