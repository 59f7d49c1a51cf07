"""The terms of the grammar as a list, for people who write a query or a rule."""

from incidents.incident import permissions
from incidents.incident.filters.terms import FIELDS
from incidents.incident.models import Incident
from incidents.incident.vocabulary import Channel, HoldReason, Priority
from incidents.incident.workflow import Status
from itsm.fields import filtering
from itsm.fields.vocabulary import NUMBERS, TIMES
from itsm.kernel.actors import Actor
from itsm.work.grammar import OfferedTerm

_INSTANT = ("today", "-7d..", "2026-01-01..2026-02-01", "none", "any")
_PERSON = ("me", "a user name", "none", "any")
_VALUES: dict[str, tuple[str, ...]] = {
    "text": ("vpn",),
    "state": ("open", *Status.values),
    "priority": tuple(str(one) for one in Priority.values),
    "team": ("my-teams", "a short name"),
    "assigned": _PERSON,
    "caller": _PERSON,
    "watcher": _PERSON,
    "service": ("a short name", "none", "any"),
    "category": ("Network / VPN", "none", "any"),
    "channel": tuple(Channel.values),
    "major": ("yes", "no"),
    "due": ("now..+4h", "..now", "none", "any"),
    "opened": _INSTANT,
    "resolved": _INSTANT,
    "updated": _INSTANT,
    "hold": (*HoldReason.values, "..now", "none", "any"),
    "parent": ("INC-42", "none", "any"),
    "label": ("vip", "none", "any"),
}


def offered_terms(actor: Actor) -> list[OfferedTerm]:
    """Every term that this actor may use, each with what it may be: the list's own, then the typed fields."""
    own = [OfferedTerm(name, label, _VALUES.get(name, ())) for name, label in FIELDS.items()]
    typed = [one for one in filtering.terms_for(Incident.kind, actor).values() if not one.why]
    seen = [one for one in typed if permissions.staff(actor) or one.field.requester_sees]
    return own + [OfferedTerm(one.name, one.field.label, _typed(one)) for one in seen]


def _typed(term: filtering.Term) -> tuple[str, ...]:
    if term.field.type in TIMES:
        return _INSTANT
    if term.field.type in NUMBERS:
        return ("5", "1..10", ">=5", "none", "any")
    return (*(key for key, _label in term.options[:12]), "none", "any")
