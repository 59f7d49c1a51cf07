"""What is counted of the portal: answers that were opened, forms that were begun. Never what somebody typed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Trace(models.Model):
    """A suggestion that somebody opened, or a form that somebody began. `asked_at`: when they asked for something
    within a day, None where they did not.

    `visitor` tells traces of one person and day together: a keyed hash, emptied once it served. `about`: the reference
    of an article, the slug of a service or catalog item, or `incident` for the form that reports one.
    `last_field`: the key of the question that was answered last, never with what.
    """

    class Kind(models.TextChoices):
        OPENED = "opened", _("suggestion opened")
        BEGUN = "begun", _("form begun")

    class About(models.TextChoices):
        ARTICLE = "article", _("article")
        OUTAGE = "outage", _("outage")
        ITEM = "item", _("catalog item")
        INCIDENT = "incident", _("incident")

    kind_of = models.CharField(_("kind"), max_length=6, choices=Kind)
    about_kind = models.CharField(_("about what"), max_length=8, choices=About)
    about = models.CharField(_("about"), max_length=64)
    at = models.DateTimeField(_("at"))
    visitor = models.CharField(_("visitor"), max_length=24, blank=True)
    asked_at = models.DateTimeField(_("asked at"), null=True, blank=True)
    last_field = models.CharField(_("last field"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("trace in the portal")
        verbose_name_plural = _("traces in the portal")
        ordering = ("-id",)
        indexes = [models.Index(fields=["at"], name="trace_by_instant")]
        constraints = [
            models.UniqueConstraint(
                fields=["visitor", "kind_of", "about_kind", "about"], condition=~Q(visitor=""), name="one_trace_a_day"
            ),
            models.CheckConstraint(condition=Q(kind_of__in=("opened", "begun")), name="a_trace_is_of_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind_of} {self.about_kind} {self.about}"
