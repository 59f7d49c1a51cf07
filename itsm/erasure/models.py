"""Who was erased, and who may not be: a legal hold."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LegalHold(models.Model):
    """A person whose names must stay, as long as this row does: a court, an audit, a running dispute."""

    user = models.OneToOneField("accounts.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="a_legal_hold_says_why")]

    def __str__(self) -> str:
        return self.reason


class RecordHold(models.Model):
    """A record, or (0) every record of its kind, whose words must stay as long as this row does."""

    kind = "legal_hold"

    record_kind = models.CharField(_("what"), max_length=40)
    record_id = models.BigIntegerField(_("record"), default=0)
    title = models.CharField(_("which"), max_length=150, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("legal hold on records")
        verbose_name_plural = _("legal holds on records")
        ordering = ("record_kind", "record_id")
        constraints = [
            models.UniqueConstraint(fields=["record_kind", "record_id"], name="a_record_is_held_once"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_hold_on_records_says_why"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return self.title or self.record_kind

    def get_absolute_url(self) -> str:
        return "/settings/retention/#holds"


class Erasure(models.Model):
    """That a person is erased, since when and by whom, and how many rows named them, by table.

    It goes table by table in parts, each whole in its own transaction: the next one begins at `at_block` of the first
    of `tables_left`. Without `ended_at` it goes on, or was killed and is gone on with.
    """

    user = models.OneToOneField("accounts.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=timezone.now)
    masked = models.JSONField(_("masked"), default=dict)
    tables_left = ArrayField(models.CharField(max_length=63), default=list, verbose_name=_("tables left"))
    tables = models.PositiveIntegerField(_("tables"), default=0)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    at_block = models.BigIntegerField(_("next block"), default=0)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"erased-{self.user_id}"

    @property
    def percent(self) -> int:
        """How far it is, of 100; a second look at what named them counts for the last tenth."""
        if self.ended_at is not None:
            return 100
        done = self.tables - len(self.tables_left)
        return min(89, 90 * done // max(self.tables, 1)) if self.round == 1 else 90


class ErasureWord(models.Model):
    """What somebody is or was called, kept by the database (`erasure_begin`) until their erasure has ended."""

    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    word = models.TextField(_("word"))
    plain = models.BooleanField(_("a plain word"))

    class Meta:
        verbose_name = _("word of an erasure")
        verbose_name_plural = _("words of erasures")
        constraints = [models.UniqueConstraint(fields=["user", "word"], name="a_word_of_an_erasure_stands_once")]

    def __str__(self) -> str:
        return str(self.pk)


class PersonExport(models.Model):
    """What is kept about a person, on its way into one file: owed, made (`name` in the folder of files), or failed."""

    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("by"))
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    done = models.PositiveIntegerField(_("tables done"), default=0)
    tables = models.PositiveIntegerField(_("tables"), default=0)
    name = models.CharField(_("name of the file"), max_length=64, blank=True)
    size = models.BigIntegerField(_("size"), default=0)

    class Meta:
        verbose_name = _("export of a person")
        verbose_name_plural = _("exports of people")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(ended_at=None), name="one_export_of_a_person_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.percent}"

    @property
    def percent(self) -> int:
        """How far it is, of 100."""
        return 100 if self.ended_at else min(99, 100 * self.done // max(self.tables, 1))
