"""Help with the words of a postmortem: which could be said otherwise, field by field."""

from collections.abc import Iterator
from typing import NamedTuple

from incidents.postmortem.models import Postmortem
from incidents.postmortem.queries.sight import names_around
from incidents.postmortem.rules import turns

FIELDS = ("title", "impact", "went_well", "went_badly", "lucky")


class Offer(NamedTuple):
    """`field`: which text, such as `impact`, `factors[0]` or `events[17]`."""

    field: str
    found: str
    offer: str


def wording_of(postmortem: Postmortem) -> list[Offer]:
    """All that could be said otherwise, as it stands. It holds nobody up."""
    names = names_around(postmortem)
    return [Offer(field, *turn) for field, text in _texts(postmortem) if text for turn in turns(text, names)]


def _texts(postmortem: Postmortem) -> Iterator[tuple[str, str]]:
    for field in FIELDS:
        yield field, getattr(postmortem, field)
    for place, factor in enumerate(postmortem.factors):
        yield f"factors[{place}]", factor
    # What was filled in are other people's words at that time; what people write here is theirs to turn.
    for event in postmortem.events.filter(removed=False, source="person"):
        yield f"events[{event.pk}]", event.text
    for action in postmortem.actions.all():
        yield f"actions[{action.pk}]", action.text
