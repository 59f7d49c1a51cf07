"""Whom identifiers name: asked by scheme and value together, of an index."""

import re

import pytest
from django.db import connection

from catalog.cmdb.queries.identifiers import _NAMED, named_by
from catalog.models import CI, Identifier
from tests.factories.catalog import an_item

pytestmark = pytest.mark.django_db


def known_by(scheme: str, value: str, *, contested: bool = False) -> CI:
    item = an_item()
    Identifier.objects.create(ci=item, scheme=scheme, value=value, contested=contested)
    return item


def test_a_pair_names_the_item_that_alone_has_it() -> None:
    one, other, gone = known_by("serial", "a1"), known_by("fqdn", "a1"), known_by("serial", "b2")
    known_by("serial", "c3", contested=True)
    CI.objects.filter(pk=gone.pk).update(merged_into=one)
    asked = [("serial", "a1"), ("fqdn", "a1"), ("serial", "b2"), ("serial", "c3"), ("uuid", "a1")]
    all_named = {("serial", "a1"): one.pk, ("fqdn", "a1"): other.pk, ("serial", "b2"): gone.pk}
    assert named_by(asked) == all_named
    assert named_by(asked, living=True) == {pair: item for pair, item in all_named.items() if item != gone.pk}
    assert named_by([]) == {}


def test_the_index_of_pairs_answers() -> None:
    """By values alone, a batch of an import compared two thousand with every row of the table."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {_NAMED}", [["serial"], ["a1"]])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    used = plan.split("an_identifier_names_one_item")[1].split("->")[0]
    assert re.search(r"Index Cond:.*scheme.*AND.*value", used), plan
