"""The choices that describe a request; its states are in `workflow`."""

from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from catalog.items.vocabulary import TaskKind


class Outcome(TextChoices):
    """What came of a request: all of it, some of it, nothing."""

    COMPLETE = "complete", _("complete")
    PARTIAL = "partial", _("partly fulfilled")
    NONE = "none", _("nothing was delivered")


class WantedState(TextChoices):
    """How a change that a task asked for stands."""

    WANTED = "wanted", _("wanted")
    OPENED = "opened", _("opened")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


CHANGE = TaskKind.CHANGE.value  # of `itsm.work.Task.task_kind`, as the plan of an item names it
MOST_ITEMS = 20  # of one request
MOST_OF_ONE = 100  # quantity
MOST_MADE = 65_536  # characters of a text in which answers were put
REOPENS_WITHIN = timedelta(days=14)  # as long a person may say that something is missing
