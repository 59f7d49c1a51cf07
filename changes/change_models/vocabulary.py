"""The kinds of tasks of a change, which its model may say ahead."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

MOST_TASKS = 20  # of one model


class TaskKind(TextChoices):
    """What sort of work a task of a change is, and so what an open one that is mandatory holds up."""

    PLANNING = "planning", _("Planning")
    IMPLEMENTATION = "implementation", _("Implementation")
    TESTING = "testing", _("Testing")
    REVIEW = "review", _("Review")
