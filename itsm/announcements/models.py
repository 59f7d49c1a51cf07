"""Announcements: words for an audience, from and until."""

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.accounts import audiences
from itsm.accounts.permissions import staff
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference

AHEAD = timedelta(days=14)  # so long before its window maintenance is shown
MAX_TITLE = 120
MAX_BODY = 4_000


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def shown_at(self, at: datetime) -> "AnnouncementQuerySet":
        """What readers are shown: news that hold now, maintenance that runs or comes soon."""
        soon = Q(kind_of=Announcement.Kind.MAINTENANCE, starts_at__lte=at + AHEAD)
        return self.filter(Q(starts_at__lte=at) | soon, ends_at__gt=at, withdrawn_at=None)

    def visible_to(self, actor: Actor, at: datetime) -> "AnnouncementQuerySet":
        """All of them for who works here; to others what their audience is shown now."""
        if staff(actor):
            return self
        return self.shown_at(at).filter(audiences.seen_by(actor))


class Announcement(models.Model):
    """Words for an audience (tokens as `itsm.accounts.audiences` has them). It runs in [starts_at, ends_at).

    News are shown while they run, maintenance from two weeks before. `service`: the one that it is about.
    """

    kind = "announcement"

    class Kind(models.TextChoices):
        NEWS = "news", _("News")
        MAINTENANCE = "maintenance", _("Maintenance")

    kind_of = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.NEWS)
    title = models.CharField(_("title"), max_length=MAX_TITLE)
    body = models.TextField(_("words"), max_length=MAX_BODY, blank=True)
    audience = ArrayField(models.CharField(max_length=30), default=audiences.everybody, verbose_name=_("audience"))
    service = models.ForeignKey(
        "catalog.Service", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True, editable=False)
    written_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("written by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        ordering = ("-starts_at", "-id")
        indexes = [
            models.Index(fields=["ends_at"], condition=Q(withdrawn_at=None), name="announcement_by_end"),
            GinIndex(fields=["audience"], name="announcement_audience"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind_of__in=("news", "maintenance")), name="an_announcement_is_of_a_kind"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="an_announcement_has_a_title"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="an_announcement_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=audiences.is_well_formed(), name="announcement_audience_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        return reference("ANN", self.pk or 0)

    @property
    def is_maintenance(self) -> bool:
        return self.kind_of == self.Kind.MAINTENANCE

    def runs(self, at: datetime) -> bool:
        """Whether it holds at this instant."""
        return self.withdrawn_at is None and self.starts_at <= at < self.ends_at

    def get_absolute_url(self) -> str:
        return f"/portal/announcements/{self.reference}/"
