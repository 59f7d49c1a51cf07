"""What is counted as people use the portal. No words of theirs, no names."""

from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from itsm.kernel.actors import Actor
from itsm.portal.models import Trace

WITHIN = timedelta(days=1)  # who asks so soon after an answer was not helped by it
KEPT = timedelta(days=400)


def note(kind_of: str, about_kind: str, about: str, *, actor: Actor, at: datetime, field: str = "") -> None:
    """Somebody opened a suggestion, or began a form: counted once a person, thing and day. `field`: the question of the
    form that they answered last. Raises nothing."""
    trace = Trace(
        kind_of=kind_of, about_kind=about_kind, about=about[:64], at=at, visitor=_visitor(actor.id or 0, at)
    )  # fmt: skip
    Trace.objects.bulk_create([trace], ignore_conflicts=True)
    if field:
        theirs = Trace.objects.filter(visitor=trace.visitor, kind_of=kind_of, about_kind=about_kind, about=trace.about)
        theirs.update(last_field=field[:64])


def mark_asked(person_id: int, about_kind: str, about: str, at: datetime) -> int:
    """They asked: what they opened within a day did not help, and the form that they began went out. How many."""
    visitors = [_visitor(person_id, day) for day in (at, at - WITHIN)]
    recent = Trace.objects.filter(visitor__in=visitors, at__gt=at - WITHIN, at__lte=at, asked_at=None)
    opened = recent.filter(kind_of=Trace.Kind.OPENED).exclude(about_kind=about_kind, about=about)
    began = recent.filter(kind_of=Trace.Kind.BEGUN, about_kind=about_kind, about=about)
    return (opened | began).update(asked_at=at)


def forget(at: datetime) -> int:
    """What told the traces of one person together served for a day; after a year they go. Repeatable. How many."""
    Trace.objects.filter(at__lte=at - KEPT).delete()
    return Trace.objects.filter(at__lte=at - 2 * WITHIN).exclude(visitor="").update(visitor="")


def _visitor(person_id: int, at: datetime) -> str:
    return salted_hmac("itsm.portal.traces", f"{person_id}:{at.date()}", algorithm="sha256").hexdigest()[:24]
