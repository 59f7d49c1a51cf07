"""Whoever falsifies the history as a superuser is found, and where: each way of `tampering`, at random places."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection, transaction

from itsm.accounts.models import User
from itsm.audit import anchors, verifying
from itsm.audit.models import Entry, Link
from itsm.audit.recording import record_event, telling_of
from itsm.kernel.actors import Actor
from tests.itsm.audit.tampering import WAYS, Ids
from tests.itsm.audit.test_chain import at_commit
from tests.slo.proving import IN_FULL
from tests.together import each_of

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 30, 8, tzinfo=UTC)
PLACES = 50 if IN_FULL else 3


@pytest.fixture
def history(engineer: User, system: Actor, tmp_path: Path) -> tuple[Ids, Path]:
    """A hundred entries, linked, and anchored outside in between and at the end."""
    at_commit()
    begun = Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    rows = []
    for n in range(100):
        with telling_of(AT.replace(microsecond=n)):
            record_event("user.seen", engineer, actor=system, changes={"n": [n, n + 1]}, remark=f"Nº {n}")
        if n in {40, 99}:
            at_commit()
            rows.append(anchors.make(AT))
    anchors.write(tmp_path, rows)
    return list(Entry.objects.filter(id__gt=begun).order_by("id").values_list("id", flat=True)), tmp_path


def found_in(folder: Path) -> list[verifying.Finding]:
    return [*verifying.verify().findings, *anchors.check(anchors.read(folder))]


def test_what_nobody_touched_is_proven(history: tuple[Ids, Path]) -> None:
    ids, folder = history
    assert found_in(folder) == []
    seen = verifying.verify()
    assert seen.links == Link.objects.count() >= len(ids) == 100
    assert (seen.is_proven, seen.newest) == (True, ids[-1])


@each_of("way", WAYS)
def test_each_falsification_is_found_and_its_place_is_named(history: tuple[Ids, Path], way: str) -> None:
    ids, folder = history
    falsify, kinds = WAYS[way]
    missed = []
    for place in range(PLACES):
        draw = random.Random(f"{way} {place}")
        with transaction.atomic():
            with connection.cursor() as cursor:
                wrong = falsify(cursor, ids, draw)
            findings = found_in(folder)
            named = {one.entry for one in findings}
            if (
                not any(one.what in kinds for one in findings)
                or not set(wrong) <= named
                or any(one.entry is None and (one.chain is None or one.seq is None) for one in findings)
            ):
                missed.append((place, wrong, findings[:5]))
            transaction.set_rollback(True)
    assert not missed
    assert found_in(folder) == []


def test_a_tail_that_is_cut_is_named_from_its_first_link_on(history: tuple[Ids, Path]) -> None:
    ids, folder = history
    last = Link.objects.get(entry_id=ids[-1])
    with connection.cursor() as cursor:
        WAYS["tail cut"][0](cursor, ids, random.Random(2))
    left = Link.objects.filter(chain=last.chain).count()
    (found,) = [one for one in found_in(folder) if one.what == "anchor cut"]
    assert found.chain == last.chain
    assert found.seq is not None
    assert found.seq <= left + 1
    assert f"to {last.seq}, anchor 2 of 2026-11-30 08:00 UTC" in str(found)


def test_since_a_check_only_what_came_later_is_read(history: tuple[Ids, Path], engineer: User, system: Actor) -> None:
    ids, folder = history
    first = verifying.verify()
    since = verifying.Since(first.heads, first.newest)
    assert verifying.verify(since).links == 0
    record_event("user.seen", engineer, actor=system)
    at_commit()
    later = verifying.verify(since)
    assert (later.links, later.findings) == (1, [])
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_entry SET remark = 'x' WHERE id = %s OR id = %s", [ids[0], later.newest])
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    assert {one.entry for one in verifying.verify(since).findings} == {later.newest}  # what is older: each night
    assert {one.entry for one in verifying.verify().findings} == {ids[0], later.newest}
    read = anchors.read(folder)
    assert anchors.since(read, AT).heads == first.heads
    assert anchors.since([replace(read[0], heads={})], AT) == verifying.Since()  # anchored before anything happened


def test_an_anchor_that_is_altered_or_taken_away_shows(history: tuple[Ids, Path]) -> None:
    _ids, folder = history
    (file,) = folder.iterdir()
    lines = file.read_text().splitlines()
    third = anchors.make(AT)
    anchors.write(folder, [third])
    file.write_text("\n".join([lines[0], third.line]))
    assert [one.what for one in found_in(folder)] == ["anchor missing"]
    file.write_text("\n".join([*lines, third.line, third.line]))  # twice is once
    assert found_in(folder) == []
    file.write_text("\n".join([lines[0].replace('"sig":"', '"sig":"AAAA'), lines[1]]))
    assert [one.what for one in found_in(folder)] == ["anchor signature"]
