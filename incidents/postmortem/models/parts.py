"""What stands in a postmortem as rows: its timeline, and its actions, which live on after it is published."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents.postmortem.vocabulary import ActionType, Source


class PostmortemEvent(models.Model):
    """One line of the timeline. `key`: what it was filled from, once; empty for what a person added.

    `removed`: taken out by a person; it stays, so that it is not filled in again.
    """

    kind = "postmortem_event"

    postmortem = models.ForeignKey(
        "incidents.Postmortem", models.CASCADE, related_name="events", verbose_name=_("postmortem"), db_index=False
    )
    at = models.DateTimeField(_("at"))
    text = models.TextField(_("text"), max_length=2000)
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.PERSON)
    key = models.CharField(max_length=60, blank=True, editable=False)
    removed = models.BooleanField(_("taken out"), default=False)

    class Meta:
        verbose_name = _("entry of a postmortem's timeline")
        verbose_name_plural = _("entries of postmortems' timelines")
        ordering = ("at", "id")
        indexes = [models.Index(fields=["postmortem", "at", "id"], name="timeline_of_a_postmortem")]
        constraints = [
            models.UniqueConstraint(
                fields=["postmortem", "key"], condition=~Q(key=""), name="filled_in_once_from_each_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.text[:40]}"


class ActionQuerySet(models.QuerySet["PostmortemAction"]):
    def still_open(self) -> "ActionQuerySet":
        return self.filter(done_at=None)

    def overdue(self, at: datetime) -> "ActionQuerySet":
        """Those that are not done although their day is over."""
        return self.filter(done_at=None, due_at__lt=at)


class PostmortemAction(models.Model):
    """What is done so that it does not happen so again. `change_number`: of a change, which lies above, or `problem`.

    `fix_said_by`, `fix_service`: whose word it is that the change makes this service more reliable, and of which one.
    """

    kind = "postmortem_action"

    postmortem = models.ForeignKey(
        "incidents.Postmortem", models.CASCADE, related_name="actions", verbose_name=_("postmortem"), db_index=False
    )
    action_type = models.CharField(_("kind"), max_length=10, choices=ActionType)
    text = models.CharField(_("action"), max_length=500)
    # Needed while people write; empty only where its owner left and nobody took it over.
    owner = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+", verbose_name=_("owner"))
    due_at = models.DateTimeField(_("due"))
    change_number = models.BigIntegerField(_("change"), null=True, blank=True)
    problem = models.ForeignKey(
        "incidents.Problem", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("problem")
    )
    fix_said_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    fix_service = models.ForeignKey("catalog.Service", models.PROTECT, null=True, related_name="+", editable=False)
    done_at = models.DateTimeField(_("done at"), null=True, editable=False)
    done_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    outcome = models.TextField(_("what was done"), blank=True, max_length=2000)
    added_at = models.DateTimeField(_("added at"))

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("action of a postmortem")
        verbose_name_plural = _("actions of postmortems")
        ordering = ("id",)
        indexes = [
            models.Index(fields=["postmortem", "id"], name="actions_of_a_postmortem"),
            models.Index(fields=["due_at", "id"], condition=Q(done_at=None), name="open_actions_by_due"),
            models.Index(fields=["change_number"], condition=Q(change_number__isnull=False), name="action_by_change"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(done_at=None) | ~Q(outcome=""), name="a_done_action_says_what_was_done"),
            models.CheckConstraint(
                condition=Q(change_number=None) | Q(problem=None), name="an_action_is_linked_to_one_record"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.text[:60]}"

    @property
    def reference(self) -> str:
        return f"PM-{self.postmortem_id:05d}/{self.pk}"

    def is_overdue(self, at: datetime) -> bool:
        return self.done_at is None and self.due_at < at

    def get_absolute_url(self) -> str:
        return f"/postmortems/PM-{self.postmortem_id:05d}/#action-{self.pk}"
