"""The words of health: what can be wrong with an item, how a round goes, what people answer."""

from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """What an item should be. A finding says that it is not."""

    COMPLETE = "complete", _("complete")
    FULL = "full", _("full")
    FRESH = "fresh", _("fresh")
    UNIQUE = "unique", _("unique")
    CONNECTED = "connected", _("connected")
    OWNED = "owned", _("owned")
    CERTIFIED = "certified", _("certified")
    CONSISTENT = "consistent", _("consistent")
    ACCOUNTED = "accounted", _("accounted")


MEANINGS = {
    Kind.COMPLETE: _("No required field is empty."),
    Kind.FULL: _("It has a description, a support team, and what its class recommends."),
    Kind.FRESH: _("A source saw it lately."),
    Kind.UNIQUE: _(
        "It is there once: nothing else is known by the same, or has a name like it. Names are compared within a class"
        " and an environment, where the numbers in them are the same, each with the ten that follow by the alphabet:"
        " what begins otherwise is not found so."
    ),
    Kind.CONNECTED: _("A service rests on it."),
    Kind.OWNED: _("A team with people in it owns it."),
    Kind.CERTIFIED: _("A person confirmed it within a year."),
    Kind.CONSISTENT: _("Nothing that is known of it contradicts itself."),
    Kind.ACCOUNTED: _("Every edit in production has a change or a reason."),
}
CORRECT = "correct"  # the measure that takes all kinds of CORRECTNESS together
CORRECTNESS = tuple(kind for kind in Kind if kind not in {Kind.COMPLETE, Kind.FULL})
MEASURES = (*(kind.value for kind in Kind), CORRECT)

FRESH_FOR = timedelta(days=60)  # where neither the class nor one above it says
CERTIFIED_FOR = timedelta(days=365)
UNACCOUNTED_FOR = timedelta(days=30)
ALIKE = 0.8
FEWEST_SCORED = 5  # items that a score needs
WEIGHT_OF_COMPLETE, WEIGHT_OF_FULL = 0.7, 0.3
MOST_TASKS = 200  # that one click makes
LONGEST_ACCEPTED = timedelta(days=366)
DAYS_KEPT = 400
OBSERVED_WITHIN = timedelta(days=30)
ONE_IN = 10  # of what is offered as confirmed, one needs eyes all the same
MOST_LINES = 20_000


class RoundState(TextChoices):
    """A draft may still be called off unseen; lines are frozen as it opens."""

    DRAFT = "draft", _("draft")
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")


class Answer(TextChoices):
    """What a person says of an item in a round."""

    CONFIRMED = "confirmed", _("right as it is")
    CORRECTED = "corrected", _("right now that it is corrected")
    GONE = "gone", _("no longer there")
    NOT_OURS = "not_ours", _("not ours")


CERTIFIES = (Answer.CONFIRMED, Answer.CORRECTED)
