"""The words of configuration items: states, how failures travel, and how relations are grouped."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    """Where an item is in its life. No item is deleted."""

    PLANNED = "planned", _("planned")
    STOCK = "stock", _("in stock")
    BUILDING = "building", _("being built")
    ACTIVE = "active", _("in service")
    MAINTENANCE = "maintenance", _("taken out")
    RETIRED = "retired", _("retired")


class Flow(TextChoices):
    """Which end of a relation feels it when the other one fails."""

    TO_SOURCE = "to_source", _("to the source")
    TO_TARGET = "to_target", _("to the target")
    NONE = "none", _("to neither")


class Strength(TextChoices):
    """Hard: down brings down. Soft: down degrades."""

    HARD = "hard", _("hard")
    SOFT = "soft", _("soft")


class Grouping(TextChoices):
    """Whether relations of a type into one consumer form a group of which some are enough."""

    NONE = "none", _("each for itself")
    ONE = "one", _("all in one group")
    ENVIRONMENT = "environment", _("a group for each environment")


class State(TextChoices):
    """How an item is felt to be; the worst comes last."""

    UP = "up", _("up")
    DEGRADED = "degraded", _("degraded")
    DOWN = "down", _("down")


DEPENDS_ON = "depends_on"
MAX_CLASS_DEPTH = 6
FIELDS_OF = "ci"  # typed fields of a class belong to ci:<class>


def fields_owner(slug: str) -> str:
    """The owner of a class's typed fields."""
    return f"{FIELDS_OF}:{slug}"
