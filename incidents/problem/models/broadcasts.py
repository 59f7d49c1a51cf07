"""What a problem tells those who wait: a text, and a row for each who is still to be told."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Broadcast(models.Model):
    """A workaround or a fix, told to every open incident of a problem; `digest`: which version of the words it is."""

    problem = models.ForeignKey(
        "incidents.Problem", models.CASCADE, related_name="broadcasts", verbose_name=_("problem")
    )
    text = models.TextField(_("text"), max_length=20_000)
    digest = models.CharField(max_length=64, editable=False)
    requesters = models.BooleanField(_("requesters are told too"), default=False)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("broadcast")
        verbose_name_plural = _("broadcasts")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"broadcast {self.pk} of problem {self.problem_id}"


class BroadcastDelivery(models.Model):
    """One note that is owed to one incident: for its desk, or for its caller. Settled once: told, or left out.

    Without a `broadcast`: somebody applied the words on the incident's own page.
    """

    class Audience(models.TextChoices):
        DESK = "desk", _("the desk")
        REQUESTER = "requester", _("the requester")

    broadcast = models.ForeignKey(
        Broadcast, models.CASCADE, null=True, related_name="deliveries", verbose_name=_("broadcast")
    )
    problem = models.ForeignKey("incidents.Problem", models.CASCADE, related_name="+", verbose_name=_("problem"))
    incident = models.ForeignKey("incidents.Incident", models.CASCADE, related_name="+", verbose_name=_("incident"))
    digest = models.CharField(max_length=64, editable=False)
    audience = models.CharField(_("audience"), max_length=10, choices=Audience)
    settled_at = models.DateTimeField(_("settled at"), null=True)
    left_out = models.CharField(_("why it was left out"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("owed note of a broadcast")
        verbose_name_plural = _("owed notes of broadcasts")
        ordering = ("id",)
        indexes = [models.Index(fields=["id"], condition=Q(settled_at=None), name="broadcast_owed")]
        constraints = [
            models.UniqueConstraint(
                fields=["problem", "incident", "digest", "audience"], name="one_note_of_a_version_of_words"
            ),
            models.CheckConstraint(
                condition=Q(left_out="") | Q(settled_at__isnull=False), name="what_was_left_out_is_settled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.audience} of incident {self.incident_id}"
