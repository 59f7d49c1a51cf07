"""The words of change models, of their versions, and of the tasks that a model says ahead."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

MOST_TASKS = 20  # of one model


class TaskKind(TextChoices):
    """What sort of work a task of a change is, and so what an open one that is mandatory holds up."""

    PLANNING = "planning", _("Planning")
    IMPLEMENTATION = "implementation", _("Implementation")
    TESTING = "testing", _("Testing")
    REVIEW = "review", _("Review")


class ModelStatus(TextChoices):
    PROPOSED = "proposed", _("proposed")
    APPROVED = "approved", _("approved")
    SUSPENDED = "suspended", _("suspended")
    RETIRED = "retired", _("retired")


class VersionStatus(TextChoices):
    """Of a version of a model's bounds. What is approved held, or holds, for changes, and never changes."""

    DRAFT = "draft", _("draft")
    APPROVED = "approved", _("approved")
    DISCARDED = "discarded", _("discarded")
