"""The words of chaos experiments."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AbortCause(models.TextChoices):
    """Why an experiment is stopped before its time."""

    STAKE_BURNT = "stake_burnt", _("its stake is burnt")
    PAGE_FIRED = "page_fired", _("a page fires")
    NOT_SEEN = "not_seen", _("what it burns cannot be seen")
    PERSON = "person", _("somebody stopped it")


class Finding(models.TextChoices):
    """What became of the hypothesis."""

    OPEN = "", _("not said yet")
    HELD = "held", _("the hypothesis held")
    REFUTED = "refuted", _("the hypothesis did not hold")
    INCONCLUSIVE = "inconclusive", _("nothing is shown")


# What can be said at the end.
CONCLUSIONS = [(one.value, one.value) for one in Finding if one is not Finding.OPEN]
