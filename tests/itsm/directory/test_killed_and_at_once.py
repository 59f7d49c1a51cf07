"""A sync that is killed leaves nobody half; two at once, and one beside SCIM, are one."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as desk
from django.db import connection

from itsm.accounts.models import Session, Token, User
from itsm.directory.models import DirectorySync, SyncRun
from itsm.directory.syncing import sync
from itsm.identity.models import ExternalIdentity, IdentityProvider
from itsm.identity.operations import Identified, deprovision, provision
from tests.itsm.directory.conftest import COMPANY, at, dn
from tests.itsm.directory.slapd import Slapd
from tests.itsm.rivals import rivals

pytestmark = [pytest.mark.in_turn(3, at=2), pytest.mark.timeout(600), pytest.mark.django_db(transaction=True)]
# Held up in the middle of the third person who leaves: sessions are gone, the transaction is open.
SYNC = """
import time, django
django.setup()
from django.utils import timezone
from itsm.accounts import duties
from itsm.directory.syncing import sync
from itsm.identity.models import IdentityProvider
over, handed = [], duties.hand_over
def held_up(*said, **more):
    handed(*said, **more)
    over.append(1)
    if len(over) == 3:
        print("between", flush=True)
        time.sleep(600)
duties.hand_over = held_up
sync(IdentityProvider.objects.get(), at=timezone.now())
"""


def syncer() -> "subprocess.Popen[bytes]":
    given = connection.settings_dict
    who = f"{given['USER']}:{quote(given['PASSWORD'] or '', safe='')}"
    url = f"postgres://{who}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    environment = os.environ | {
        "DATABASE_URL": url, "DATABASE_OWNER_URL": url, "DJANGO_SETTINGS_MODULE": "itsm.settings_test",
        "HEADROOM_SECRETS_DIR": desk.SECRETS_DIR, "HEADROOM_OUTGOING_ALLOW": ",".join(desk.OUTGOING_ALLOW),
    }  # fmt: skip
    command = [sys.executable, "-c", SYNC]
    return subprocess.Popen(command, env=environment, cwd=Path(__file__).parents[3], stdout=subprocess.PIPE)


def test_killed_amid_a_leaver_everybody_is_whole_and_the_next_run_does_the_rest(
    provider: IdentityProvider, company: Slapd, web: Any
) -> None:
    sync(provider, at=at(0))
    leavers = sorted(COMPANY)[:3]
    for name in leavers:
        web(ExternalIdentity.objects.get(user__username=name).user)
    company.remove(*map(dn, leavers))
    with syncer() as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"between"
        os.kill(process.pid, signal.SIGKILL)
    half = [
        one.username
        for one in User.objects.filter(username__in=leavers)
        if one.is_active != Session.objects.filter(user=one).exists()
        or one.is_active != (ExternalIdentity.objects.get(user=one).ended_at is None)
    ]
    assert half == []
    assert User.objects.filter(username__in=leavers, is_active=True).count() == 1
    assert sync(provider, at=at(2)) is None  # who was killed may live, for as long as its lease says
    DirectorySync.objects.update(busy_until=at(-1))
    run = sync(provider, at=at(4))
    assert run is not None
    assert (run.outcome, run.left) == ("done", 1)
    assert not User.objects.filter(username__in=leavers, is_active=True).exists()
    assert SyncRun.objects.filter(outcome="broken_off").count() == 1
    assert not Token.objects.filter(owner__username__in=leavers, revoked_at=None).exists()


def test_two_syncs_at_once_make_everybody_once(provider: IdentityProvider, company: Slapd) -> None:
    with rivals() as begin:
        others = [begin(lambda: sync(provider, at=at(0))) for _one in range(3)]
        runs = [one.result() for one in others]
    done = [run for run in runs if run is not None]
    assert sum(run.made for run in done) == 10
    assert User.objects.filter(username__in=COMPANY).count() == ExternalIdentity.objects.count() == 10


def test_who_signs_in_while_they_are_taken_away_is_out_afterwards(provider: IdentityProvider, company: Slapd) -> None:
    """A word of the provider that lets somebody in, and one that takes them away, at the same moment."""
    sync(provider, at=at(0))
    known = ExternalIdentity.objects.get(user__username="ada")
    said = Identified(known.subject, "ada@example.org", True, "Ada of now", (), "ada")
    for _turn in range(3):
        with rivals() as begin:
            one = begin(lambda: _quietly(lambda: provision(provider, said, at=at(1))))
            other = begin(lambda: deprovision(provider, known.subject, at=at(1)))
            one.result()
            other.result()
        ada = User.objects.get(username="ada")
        assert not ada.is_active
        assert ExternalIdentity.objects.get(pk=known.pk).ended_at is not None
        assert not Session.objects.filter(user=ada).exists()


def _quietly(do: Any) -> None:
    from itsm.identity.errors import SignUpRefused

    with contextlib.suppress(SignUpRefused):
        do()
