"""What stands in a war room as rows: who is kept informed, what they were told, and moments worth remembering."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.audit import append_only


class Stakeholder(models.Model):
    """Somebody who hears of every update. `why`: what they have to do with it, in a few words."""

    major = models.ForeignKey(
        "incidents.Major", models.CASCADE, related_name="stakeholders", verbose_name=_("major incident"), db_index=False
    )
    person = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", verbose_name=_("person"))
    why = models.CharField(_("what they have to do with it"), max_length=120, blank=True)
    added_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("stakeholder of a major incident")
        verbose_name_plural = _("stakeholders of major incidents")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["major", "person"], name="a_stakeholder_of_a_major_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} of {self.major_id}"


class MajorUpdate(models.Model):
    """What those who wait were told, word for word. `told`: how many people it was owed to."""

    major = models.ForeignKey(
        "incidents.Major", models.PROTECT, related_name="updates", verbose_name=_("major incident"), db_index=False
    )
    text = models.TextField(_("text"), max_length=2000)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    told = models.PositiveIntegerField(_("people told"), default=0)

    class Meta:
        verbose_name = _("update of a major incident")
        verbose_name_plural = _("updates of major incidents")
        ordering = ("-id",)
        triggers = append_only.KEPT
        indexes = [models.Index(fields=["major", "-id"], name="updates_of_a_major")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.text[:40]}"


class PinnedMoment(models.Model):
    """A moment of the timeline that people should find again: of a line (`key`), or noted by a person."""

    major = models.ForeignKey(
        "incidents.Major", models.CASCADE, related_name="moments", verbose_name=_("major incident"), db_index=False
    )
    at = models.DateTimeField(_("at"))
    text = models.CharField(_("what happened"), max_length=1000)
    key = models.CharField(max_length=60, blank=True, editable=False)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    noted_at = models.DateTimeField(_("noted at"))

    class Meta:
        verbose_name = _("moment of a major incident")
        verbose_name_plural = _("moments of major incidents")
        ordering = ("at", "id")
        indexes = [models.Index(fields=["major", "at", "id"], name="moments_of_a_major")]
        constraints = [
            models.UniqueConstraint(
                fields=["major", "key"], condition=~Q(key=""), name="a_line_of_a_major_is_pinned_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.text[:40]}"
