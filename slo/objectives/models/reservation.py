"""Reservations: budget set aside for a change that was let go, until it is known to be clean."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ReservationQuerySet(models.QuerySet["Reservation"]):
    def in_flight(self, at: datetime) -> Self:
        """Held at this instant: neither released nor expired."""
        return self.filter(released_at__isnull=True, expires_at__gt=at)


class Reservation(models.Model):
    """A share of one objective's budget held by one holder, such as CHG-00042."""

    objective = models.ForeignKey("slo.Objective", models.PROTECT, related_name="reservations", db_index=False)
    holder = models.CharField(_("holder"), max_length=40)
    # The natural person whom it is held for: nobody holds a whole budget alone.
    person = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    ratio = models.DecimalField(_("share of the budget"), max_digits=20, decimal_places=9)
    held_at = models.DateTimeField(_("held at"))
    expires_at = models.DateTimeField(_("expires at"))
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    reason = models.CharField(_("reason of the release"), max_length=200, blank=True)

    objects = ReservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["objective"], condition=Q(released_at__isnull=True), name="open_reservations"),
            models.Index(fields=["holder"], name="reservations_of_a_holder"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ratio__gt=0), name="a_reservation_holds_something"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("held_at")), name="a_reservation_ends_after_it_began"),
            models.UniqueConstraint(
                fields=["objective", "holder"],
                condition=Q(released_at__isnull=True),
                name="one_open_reservation_per_objective_and_holder",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} holds {self.ratio} of objective {self.objective_id}"
