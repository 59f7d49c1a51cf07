"""The words of syncing a directory."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    """How a run of the sync stands."""

    WAITING = "waiting", _("begins in a moment")
    RUNNING = "running", _("under way")
    DONE = "done", _("done")
    HELD = "held", _("waits for a person")
    FAILED = "failed", _("failed")
    BROKEN_OFF = "broken_off", _("broken off")


TONES = {
    Outcome.WAITING: "grey", Outcome.RUNNING: "blue", Outcome.DONE: "green", Outcome.HELD: "red",
    Outcome.FAILED: "red", Outcome.BROKEN_OFF: "amber",
}  # fmt: skip
