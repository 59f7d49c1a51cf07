"""What a lockdown put on hold: so that lifting it restores that, and nothing that a person put on hold."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class LockdownHold(models.Model):
    """`held_at` is the change's own while this hold lasts: held by somebody else later, it is no longer ours."""

    window = models.ForeignKey("changes.CalendarWindow", models.PROTECT, related_name="holds")
    change = models.ForeignKey("changes.Change", models.PROTECT, related_name="lockdown_holds")
    held_at = models.DateTimeField(_("held at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    what_became = models.CharField(_("what became of it"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("hold by a lockdown")
        verbose_name_plural = _("holds by lockdowns")
        constraints = [
            models.UniqueConstraint(
                fields=["change"], condition=Q(ended_at=None), name="one_lockdown_holds_a_change_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, what_became="") | Q(ended_at__isnull=False) & ~Q(what_became=""),
                name="a_hold_that_ended_says_what_became_of_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change_id} held by {self.window_id}"
