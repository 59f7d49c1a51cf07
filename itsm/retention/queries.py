"""What a rule takes: counted before, and listed for the run."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from itsm.erasure import holding
from itsm.erasure.models import LegalHold
from itsm.retention.models import Purged, RetentionRule
from itsm.work.models import Note


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would take now: `goes`; `held`: what is as old and stays by a legal hold. `before`: older ones."""

    goes: int
    held: int
    before: datetime


def oldest_kept(rule: RetentionRule, at: datetime) -> datetime:
    """What is older than this instant goes: so many calendar months before `at`."""
    year, month = divmod(at.year * 12 + at.month - 1 - rule.months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))


def taken(rule: RetentionRule, at: datetime) -> QuerySet[Model]:
    """The records that a rule takes at an instant, without those that a legal hold keeps."""
    return _old(rule, at).exclude(_held(rule))


def preview(rule: RetentionRule, at: datetime) -> Preview:
    """Counts over everything, whoever asks: for who sees all queues."""
    old = _old(rule, at)
    goes = taken(rule, at).count()
    return Preview(goes, old.count() - goes, oldest_kept(rule, at))


def _old(rule: RetentionRule, at: datetime) -> QuerySet[Model]:
    kept = rule.kept
    rows: QuerySet[Model] = kept.model._default_manager.filter(kept.over).alias(old_since=kept.age)
    rows = rows.filter(old_since__lt=oldest_kept(rule, at)).order_by("pk")
    if kept.mask is not None:
        rows = rows.exclude(Exists(Purged.objects.filter(record_kind=rule.record_kind, record_id=OuterRef("pk"))))
    if rule.category:
        return rows.filter(**{kept.category: rule.category})
    if kept.category:
        # A category that has a rule of its own goes by that alone, also while it is switched off.
        own = RetentionRule.objects.filter(record_kind=rule.record_kind).exclude(category=0).values("category")
        return rows.filter(Q(**{f"{kept.category}__isnull": True}) | ~Q(**{f"{kept.category}__in": own}))
    return rows


def _held(rule: RetentionRule) -> Q:
    """Whose records these are, or who wrote on them, is kept by a legal hold."""
    held = LegalHold.objects.values("user")
    said = holding.held(rule.record_kind)
    if {"record_kind", "record_id"} <= {one.name for one in rule.kept.model._meta.concrete_fields}:
        said |= holding.held_beneath()
    for name in rule.kept.people:
        said |= Q(**{f"{name}__isnull": False, f"{name}__in": held})
    written = Note.objects.filter(record_kind=rule.record_kind, record_id=OuterRef("pk"), by__in=held)
    return said | Q(Exists(written)) if rule.kept.mask is not None else said
