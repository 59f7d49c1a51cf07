"""A feed of the calendar: an address that only who was told it knows, and that its owner may take back."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CalendarFeed(models.Model):
    """Only a keyed hash of its token is kept: who reads this table opens nothing. It shows what its owner may see."""

    class About(models.TextChoices):
        PERSON = "person", _("my changes")
        SERVICE = "service", _("a service")
        BOARD = "board", _("a board")

    kind = "calendar_feed"

    owner = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", verbose_name=_("owner"))
    about = models.CharField(_("about"), max_length=10, choices=About)
    service = models.ForeignKey(
        "catalog.Service", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    board = models.ForeignKey(
        "changes.Board", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("board")
    )
    token_hash = models.CharField(_("hash"), max_length=64, unique=True)
    created_at = models.DateTimeField(_("created at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(about="person", service=None, board=None)
                | Q(about="service", service__isnull=False, board=None)
                | Q(about="board", service=None, board__isnull=False),
                name="a_feed_is_about_what_it_says",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"feed-{self.pk}"
