"""Several words in a title: found by the rarest of them, and exactly where the whole text stands."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import Q

from incidents.incident import operations
from incidents.incident.filters import Reading, narrowed, terms_of, words
from incidents.models import Incident
from itsm.accounts.models import User

pytestmark = pytest.mark.django_db
TITLES = (
    "Orders are slow in region 499",
    "Orders are slow in region 4990",
    "Orders are slow in region 1499",
    "Orders are slow in region  499",
    "orders are SLOW in subregion 499",
    "Orders are slow",
    "100% of the disk_1 is full",
    "100 of the disk 1 is full",
    r"C:\orders are gone",
    "Straße und Ärger",
)
ASKED = (
    "region 499", "slow in REGION", "are slow", "orders are", "region  499", " 499", "in region 4990 ", "% of", "disk_1 is",
    "disk 1 is", r"C:\orders are", "straße und", "und ärger", "a b", "- -", "slow orders", "zz zz", "region", "o a s i r 4 9 0 x y",
)  # fmt: skip


@pytest.fixture
def titles(agent: User, as_actor: Any) -> None:
    for title in TITLES:
        operations.open_incident(actor=as_actor(agent), title=title)


@pytest.mark.parametrize("rare", [0, 1, 99])
@pytest.mark.usefixtures("titles")
def test_they_find_what_the_whole_text_finds(
    agent: User, as_actor: Any, monkeypatch: pytest.MonkeyPatch, rare: int
) -> None:
    monkeypatch.setattr(words, "_RARE", rare)
    reading = Reading.by(as_actor(agent))
    for text in ASKED:
        holds = Q(title__icontains=text)
        found = narrowed(Incident.objects.all(), terms_of([("text", text)]), reading)
        assert set(found) == set(Incident.objects.filter(holds)), text
        others = narrowed(Incident.objects.all(), terms_of([("not.text", text)]), reading)
        assert set(others) == set(Incident.objects.exclude(holds)), text


@pytest.mark.usefixtures("titles")
def test_the_index_is_asked_for_the_rarest_alone() -> None:
    assert words._rarest(words._parts("orders are slow in region 1499")) == " 1499"
    assert words._rarest(words._parts("orders are")) == ""
    assert words._parts("region") == []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    plan = Incident.objects.filter(words.in_title("are slow in region 1499")).order_by().explain()
    assert "Index Cond: (upper((title)::text) ~~ '% 1499%'::text)" in plan
