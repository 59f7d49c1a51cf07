"""Notes, links, watchers and tasks for any record, by kind and id, so that no app needs another's tables."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.work.time_limits import MAX_MINUTES, MAX_NOTE
from itsm.work.view_models import Arrangement, View

__all__ = ["Arrangement", "Link", "Note", "Task", "TimeWorked", "View", "Watcher"]


class Note(models.Model):
    """What a person wrote on a record. A private note never reaches a requester."""

    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    text = models.TextField(_("note"), max_length=20_000)
    private = models.BooleanField(_("private"), default=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ("id",)
        indexes = [models.Index(fields=["record_kind", "record_id", "id"], name="note_by_record")]

    def __str__(self) -> str:
        return f"note {self.pk} on {self.record_kind} {self.record_id}"


class Link(models.Model):
    """A typed arrow between two records, such as change CHG-7 fixes incident INC-42."""

    class Meaning(models.TextChoices):
        FIXES = "fixes", _("fixes")
        CAUSED = "caused", _("caused")
        RELATES = "relates", _("relates to")
        DUPLICATES = "duplicates", _("is a duplicate of")
        FOLLOWS = "follows", _("follows")
        AFFECTS = "affects", _("affects")

    from_kind = models.CharField(max_length=40)
    from_id = models.BigIntegerField()
    to_kind = models.CharField(max_length=40)
    to_id = models.BigIntegerField()
    meaning = models.CharField(_("meaning"), max_length=10, choices=Meaning)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ("id",)
        indexes = [models.Index(fields=["to_kind", "to_id"], name="link_by_target")]
        constraints = [
            models.UniqueConstraint(
                fields=["from_kind", "from_id", "to_kind", "to_id", "meaning"], name="one_link_of_a_meaning"
            ),
            models.CheckConstraint(
                condition=~Q(from_kind=F("to_kind"), from_id=F("to_id")), name="no_record_links_to_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_kind} {self.from_id} {self.meaning} {self.to_kind} {self.to_id}"


class Watcher(models.Model):
    """Somebody who follows a record and reads its public side. Muted: reads, and is told nothing."""

    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", verbose_name=_("person"))
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("added by"))
    at = models.DateTimeField(_("since"))
    why = models.CharField(_("why"), max_length=200, blank=True)
    muted = models.BooleanField(_("muted"), default=False)

    class Meta:
        verbose_name = _("watcher")
        verbose_name_plural = _("watchers")
        ordering = ("id",)
        indexes = [models.Index(fields=["user", "record_kind", "record_id"], name="watcher_by_person")]
        constraints = [
            models.UniqueConstraint(fields=["record_kind", "record_id", "user"], name="one_watcher_of_a_record")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} watches {self.record_kind} {self.record_id}"


class Task(models.Model):
    """One thing to do on a record, in the order of `position`. Open mandatory ones stand in the way of its end.

    `task_kind`: what sort of work it is, where its record tells them apart; `key`: its name in the plan that it was
    made from; `after`: ids of tasks that are over first. Begun (`began_at`) somebody works on it. What Headroom itself
    ends, such as by a change that is over, was done by nobody.
    """

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        NOT_DONE = "not_done", _("not done")
        SKIPPED = "skipped", _("left out")

    kind = "task"

    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    position = models.PositiveSmallIntegerField(_("position"))
    task_kind = models.CharField(_("kind"), max_length=20, blank=True)
    key = models.CharField(_("key"), max_length=40, blank=True, editable=False)
    title = models.CharField(_("title"), max_length=200)
    mandatory = models.BooleanField(_("mandatory"), default=False)
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    assigned_to = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("assigned to")
    )
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    after = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("after"))
    began_at = models.DateTimeField(_("begun at"), null=True, blank=True, editable=False)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True, editable=False)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", editable=False, verbose_name=_("done by")
    )

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ("position", "id")
        indexes = [
            models.Index(fields=["record_kind", "record_id", "position"], name="task_by_record"),
            models.Index(fields=["assigned_to", "due_at"], condition=Q(done_at=None), name="open_task_by_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None, outcome="") | (Q(done_at__isnull=False) & ~Q(outcome="")),
                name="task_that_is_over_says_when_and_how",
            ),
            models.UniqueConstraint(
                fields=["record_kind", "record_id", "key"], condition=~Q(key=""), name="one_task_of_a_key_on_a_record"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def reference(self) -> str:
        return f"task-{self.pk}"

    @property
    def is_over(self) -> bool:
        """Done, not done or left out: what comes after it may begin."""
        return self.done_at is not None


class TimeWorked(models.Model):
    """Minutes that one person worked on a record on one day."""

    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("by"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    note = models.CharField(_("what was done"), max_length=MAX_NOTE, blank=True)
    day = models.DateField(_("day"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("time worked")
        verbose_name_plural = _("time worked")
        ordering = ("-day", "-id")
        indexes = [
            models.Index(fields=["record_kind", "record_id"], include=["minutes"], name="time_worked_by_record"),
            models.Index(fields=["record_kind", "day"], include=["record_id", "minutes"], name="time_worked_by_day"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(minutes__range=(1, MAX_MINUTES)), name="time_worked_is_within_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.minutes} min by {self.by_id} on {self.record_kind} {self.record_id}"
