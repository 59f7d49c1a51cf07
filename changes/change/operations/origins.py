"""Raised with context: a change stands linked to the incident, problem, item or service that it was raised from."""

from collections.abc import Sequence

from django.utils.translation import gettext

from changes.change.models import Change
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.work import linkable, linking
from itsm.work.linking import Relation

MOST_ORIGINS = 10


def link_to_origins(change: Change, references: Sequence[str], *, actor: Actor) -> None:
    """Link a change to what it was raised from: it fixes work, and affects things. The same link exists once.

    Raises InvalidInput (too many, what the actor does not see, the change itself).
    """
    wanted = dict.fromkeys(one.strip().upper() for one in references)
    if len(wanted) > MOST_ORIGINS:
        words = gettext("A change is raised from at most %(most)s records.")
        raise InvalidInput.about("raised_from", words % {"most": MOST_ORIGINS})
    for reference in wanted:
        found = linkable.named(actor, reference, "raised_from")
        if (found.kind, found.pk) == (change.kind, change.pk):
            raise InvalidInput.about("raised_from", gettext("A change is not raised from itself."))
        relation = Relation.AFFECTS if linkable.is_thing(found) else Relation.FIXES
        linking.connect(change, actor=actor, to=reference, relation=relation)
