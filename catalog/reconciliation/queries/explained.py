"""Why the values of an item are what they are, in words that pages and REST share."""

from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from catalog.cmdb.models import CI
from catalog.engine.reconcile import Contender, Held, Lost
from catalog.reconciliation.models import RelationClaim, Source
from catalog.reconciliation.queries.why import truth

# By what a claim is behind the one that holds.
LOST = {
    Lost.GONE: _("its source has it no more"),
    Lost.SILENT: _("its source has been silent for too long"),
    Lost.RANK: _("another source is believed sooner"),
    Lost.UNDATED: _("another says itself when it looked"),
    Lost.OLDER: _("another observation is newer"),
    Lost.NAME: _("nothing tells them apart: the source whose key comes first is believed"),
}


class Said(NamedTuple):
    """One claim. `lost`: a value of `Lost`, or None where it holds; `words`: the same for people. `rank`: the lower,
    the sooner believed."""

    source: str
    source_name: str
    record: str
    value: Any
    observed_at: datetime
    rank: int
    lost: str | None
    words: Any
    agrees: bool


class Explained(NamedTuple):
    """A key of an item with what holds and all that was said of it, the strongest first."""

    key: str
    value: Any
    pinned: bool
    said: list[Said]


def explained(item: CI, key: str = "") -> list[Explained]:
    """Every key of which sources speak, or the one that is named. Empty for an item of which no source speaks."""
    held = truth(item).values
    names = dict(Source.objects.values_list("slug", "name"))
    wanted = [key] if key else sorted(held)
    return [_explained(one, held[one], names) for one in wanted if one in held]


def waiting_relations(item: CI) -> list[RelationClaim]:
    """Relations that sources claim of it, and that wait for the other end."""
    rows = RelationClaim.objects.filter(record__ci=item, relation=None, record__gone_at=None)
    return list(rows.select_related("record__source").order_by("type", "target")[:200])


def _explained(key: str, held: Held, names: dict[str, str]) -> Explained:
    return Explained(key, held.value, held.pinned, [_said(one, names) for one in held.why])


def _said(one: Contender, names: dict[str, str]) -> Said:
    at = one.claim.record
    words = LOST[one.lost] if one.lost is not None else _("it holds")
    return Said(
        at.source, names.get(at.source, at.source), at.key, one.claim.value, one.claim.observed_at, one.rank.number,
        str(one.lost.value) if one.lost else None, words, one.agrees,
    )  # fmt: skip
