"""Where imported incidents came from, and what happened to them there."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.incident.models import Incident


class Imported(models.Model):
    """One incident of another desk, once. `values`: what the import wrote, to tell it from what people edited here.

    `met_sla`: what the other desk says of its agreement. `problem`, `change`, `caused_by`: its own names of those.
    """

    incident = models.OneToOneField(Incident, models.CASCADE, related_name="imported", verbose_name=_("incident"))
    source = models.CharField(_("source"), max_length=40)
    key = models.CharField(_("number there"), max_length=200)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    values = models.JSONField(_("values"), default=dict, encoder=DjangoJSONEncoder)
    met_sla = models.BooleanField(_("met its agreement"), null=True)
    problem = models.CharField(_("problem there"), max_length=200, blank=True)
    change = models.CharField(_("change there"), max_length=200, blank=True)
    caused_by = models.CharField(_("caused by the change"), max_length=200, blank=True)
    at = models.DateTimeField(_("imported at"))

    class Meta:
        verbose_name = _("imported incident")
        verbose_name_plural = _("imported incidents")
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="one_incident_of_a_key")]

    def __str__(self) -> str:
        return f"{self.source} {self.key}"


class ImportedEvent(models.Model):
    """What happened at the other desk: never part of our own history, which begins with the import."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="+", verbose_name=_("incident"))
    place = models.PositiveIntegerField(_("place"))
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=200, blank=True)
    changes = models.JSONField(_("changes"), default=dict)

    class Meta:
        verbose_name = _("imported event")
        verbose_name_plural = _("imported events")
        ordering = ("incident", "place")
        constraints = [models.UniqueConstraint(fields=["incident", "place"], name="one_imported_event_at_a_place")]

    def __str__(self) -> str:
        return f"event {self.place} of {self.incident_id}"
