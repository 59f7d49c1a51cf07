"""Saved views of a list, and who keeps which of them as tabs."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.slugs import slug_shape

MAX_PINS = 9
MAX_COLUMNS = 24


class View(models.Model):
    """A query with a name. Its rows are always the reader's: a view shows nobody more than they may see."""

    kind = "view"

    class Share(models.TextChoices):
        NONE = "none", _("only me")
        TEAM = "team", _("a team")
        EVERYONE = "everyone", _("everyone who works here")

    record_kind = models.CharField(_("record kind"), max_length=40)
    name = models.CharField(_("name"), max_length=60)
    slug = models.SlugField(_("slug"), max_length=63, validators=[slug_shape])
    owner = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("owner"))
    share = models.CharField(_("who sees it"), max_length=10, choices=Share, default=Share.NONE)
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    query = models.CharField(_("query"), max_length=2000, blank=True)
    sort = models.CharField(_("order"), max_length=20, blank=True)
    columns = ArrayField(models.CharField(max_length=70), size=MAX_COLUMNS, default=list, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("view")
        verbose_name_plural = _("views")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["record_kind", "slug"], name="one_view_of_a_slug"),
            models.CheckConstraint(
                condition=Q(share="team", team__isnull=False) | (~Q(share="team") & Q(team=None)),
                name="view_of_a_team_names_it",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug


class Pin(models.Model):
    """Somebody keeps a view as a tab."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    view = models.ForeignKey(View, models.CASCADE, related_name="pins")

    class Meta:
        verbose_name = _("pin")
        verbose_name_plural = _("pins")
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["user", "view"], name="one_pin_of_a_view")]

    def __str__(self) -> str:
        return f"{self.user_id} keeps {self.view_id}"
