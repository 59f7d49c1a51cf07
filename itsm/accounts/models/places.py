"""Where people work: places that lie in places."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.accounts.reporting_line import NO_PLACE_IN_ITSELF


class Location(models.Model):
    """A site, a building or a floor. `parent`: the place that it lies in; `time_zone`: "" for that of the parent.

    A retired one takes nobody new; who works there stays until somebody moves them.
    """

    kind = "location"

    slug = models.SlugField(_("slug"), max_length=63, unique=True)
    name = models.CharField(_("name"), max_length=100)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="within", verbose_name=_("lies in")
    )
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ("name", "id")
        triggers = (NO_PLACE_IN_ITSELF,)
        constraints = [models.CheckConstraint(condition=~Q(parent=F("id")), name="no_place_lies_in_itself")]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return f"/locations/{self.slug}/"
