"""Saved views of a list, and how each person keeps them: as tabs, with columns of their own."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.slugs import slug_shape

MAX_TABS = 9
MAX_COLUMNS = 24


class View(models.Model):
    """A query with a name. Its rows are always the reader's: a view shows nobody more than they may see."""

    kind = "view"

    class Share(models.TextChoices):
        NONE = "none", _("only me")
        TEAM = "team", _("a team")
        EVERYONE = "everyone", _("everyone who works here")

    class Layout(models.TextChoices):
        LIST = "list", _("list")
        BOARD = "board", _("board")

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
    layout = models.CharField(_("layout"), max_length=5, choices=Layout, default=Layout.LIST)
    group_by = models.CharField(_("grouped by"), max_length=20, blank=True)
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


class Arrangement(models.Model):
    """How somebody keeps a view (`view` None: the list itself): as a tab, and with which columns; none: its own."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", db_index=False)
    record_kind = models.CharField(_("record kind"), max_length=40)
    view = models.ForeignKey(View, models.CASCADE, null=True, related_name="arrangements")
    is_tab = models.BooleanField(_("is a tab"), default=False)
    columns = ArrayField(models.CharField(max_length=70), size=MAX_COLUMNS, default=list, blank=True)

    class Meta:
        verbose_name = _("arrangement")
        verbose_name_plural = _("arrangements")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["user", "record_kind", "view"], nulls_distinct=False, name="one_arrangement_of_a_view"
            ),
            models.CheckConstraint(condition=Q(is_tab=False) | Q(view__isnull=False), name="only_a_view_is_a_tab"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} keeps {self.view_id}"
