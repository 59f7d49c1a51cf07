"""Every text column of every table, whatever it holds, is text on every page of the product."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Model, Value
from django.db.models.functions import MD5, Cast, Concat, Left
from django.test import Client

from tests.api.world import World, browser
from tests.architecture.test_page_matrix import BY_LINK, MAY_OPEN, PUBLIC, address, names
from tests.incidents.stored_text.pages import Page, difference
from tests.incidents.stored_text.payloads import ELEMENTS_TOGETHER, TOGETHER
from tests.incidents.stored_text.test_stored_text import runs
from tests.slo.proving import IN_FULL, TURN, by_turns

pytestmark = [pytest.mark.heavy, pytest.mark.django_db, pytest.mark.timeout(3600)]

# Not typed by people, or held to a shape by the database: keys, codes, hashes, addresses, queries that are parsed.
SHAPED = {
    "slug", "key", "currency", "hash", "password", "email", "time_zone", "zone", "prefix", "record_kind", "reference",
    "record_reference", "record_path", "path", "event", "relation", "channel", "action", "url", "host", "authority",
    "credential", "query", "sort", "group_by", "filter", "environment", "icon", "calendar_zone", "calendar_start",
    "change_reference", "owner", "scheme", "data_source", "source", "class_slug", "managed_by", "task_kind", "kind",
    "artifact_digest", "commit", "origin", "purpose", "risk", "outcome", "verdict", "level", "state", "told", "holder",
    "from_kind", "to_kind", "via", "actor_kind", "code", "macro", "ended_because", "suspended_because", "category",
    "username", "request_id", "session_hash", "key_hash", "secret_hash", "content_hash", "evidence_hash", "sha256",
    "verdict_hash", "payload_hash", "request_hash", "announced_state", "tenant_header", "asked_from", "measure",
    "type", "direction", "by", "target", "word", "source_key", "fingerprint", "worker", "route", "principal", "made",
    "location", "aggregate", "expected_status", "address", "slash_credential", "internal",
}  # fmt: skip
OF_OTHERS = {"axes", "sessions", "contenttypes", "admin", "auth"}
# Keys and codes by the name of "name", and what nobody is shown.
NEVER_TYPED = {
    "accounts.Session.data", "api.IdempotencyRecord.report", "bulk.BulkRow.sentence", "catalog.Environment.name",
    "clocks.Clock.name", "clocks.Due.name", "proposals.Proposal.about", "proposals.Proposal.digest",
    "proposals.ProposalPart.field", "configuration.Setting.name", "statuspage.PublicUpdate.status",
}  # fmt: skip
# Looks for what the record says: where two rows come to say the same, it finds more than where all differ.
FINDS_BY_WORDS = {"answers:offered"}
Texts = dict[str, str]
# In full every sixth turn, so that each column comes to say fifty texts; else one, and elements alone.
SAID, TURNS = (TOGETHER, range(0, len(TOGETHER), 6)) if IN_FULL else (ELEMENTS_TOGETHER, [TURN])
SHARES = [TURNS[start : start + 10] for start in range(0, len(TURNS), 10)]


def columns() -> dict[str, tuple[type[Model], models.Field]]:  # type: ignore[type-arg]
    """By name: every column of text that says anything."""
    found = {
        f"{model._meta.label}.{field.name}": (model, field)
        for model in apps.get_models()
        if model._meta.app_label not in OF_OTHERS
        if not isinstance(model._meta.pk, models.CompositePrimaryKey)  # links of the history: nobody types them
        for field in model._meta.concrete_fields
        if isinstance(field, (models.CharField, models.TextField)) and not field.choices and field.name not in SHAPED
    }
    return {name: pair for name, pair in found.items() if name not in NEVER_TYPED}


@contextmanager
def saying(texts: Texts) -> Iterator[None]:
    """The tables say these texts wherever they say anything, each row its own, past the triggers that forbid it."""
    with transaction.atomic():
        for model in {model for model, _field in columns().values()}:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER"
                )
        for name, (model, field) in columns().items():
            said = Value(texts[name][: (field.max_length or 1000) - 8], models.TextField())
            mark = Left(MD5(Cast("pk", models.TextField())), 6)
            own = Concat(said, Value(" "), mark, output_field=models.TextField())
            model._base_manager.exclude(**{field.name: ""}).update(**{field.name: own})
        yield
        transaction.set_rollback(True)


def looked_at(client: Client, world: World, places: list[str]) -> dict[str, Page]:
    pages = {}
    for name in places:
        answer = client.get(address(name, world))
        assert answer.status_code < 500, name
        if answer.get("Content-Type", "").startswith("text/csv"):
            text = b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode()
            assert not [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row if runs(cell)], name
        elif answer.streaming:
            list(answer.streaming_content)  # an answer that nobody reads keeps its file open
        elif answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            pages[name] = Page(answer.content.decode())
    return pages


@pytest.mark.parametrize("turns", SHARES, ids=str)
def test_every_text_of_every_table_is_text_on_every_page(world: World, turns: Sequence[int]) -> None:
    client, every = browser(world.people["admin"]), sorted(columns())
    may = sorted(name for name in set(names()) - PUBLIC - BY_LINK - FINDS_BY_WORDS if "admin" in MAY_OPEN.get(name, ()))
    places = sorted(by_turns(may, TURN, one_in=8))
    marks = {name: f"Mark{number:03}x" for number, name in enumerate(every)}
    with saying(marks):
        twin = looked_at(client, world, places)
    for turn in turns:
        texts = {name: SAID[(turn + number * 7) % len(SAID)] for number, name in enumerate(every)}
        with saying(texts):
            pages = looked_at(client, world, places)
        assert set(pages) == set(twin)
        for name, page in pages.items():
            assert not (said := difference(page, twin[name])), (name, turn, said)
            assert page.wrong == [], (name, turn)
