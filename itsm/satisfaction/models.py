"""One question of a record, and its answer."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.audit.triggers import Guard
from itsm.satisfaction.owners import owner_of

MAX_COMMENT = 2_000


class _SaidOnce(Guard):
    """What somebody said stays what they said; of a comment only names may be masked, by who may alter the table."""

    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("score", "answered_at")
    condition = pgtrigger.Condition("OLD.answered_at IS NOT NULL")
    func = """
    IF (OLD.score, OLD.answered_at) IS DISTINCT FROM (NEW.score, NEW.answered_at) THEN
      RAISE EXCEPTION 'an answer is given once' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """


class Survey(models.Model):
    """How satisfied whoever asked is with what was done. `record_kind`, `record_id`: of what; `team`, `agent`: whose
    work it was as it ended. Who answered is not kept: it is theirs whose record it is."""

    kind = "survey"

    class Score(models.TextChoices):
        GOOD = "good", _("Good")
        FAIR = "fair", _("So-so")
        BAD = "bad", _("Bad")

    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+", verbose_name=_("team"))
    agent = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who did it")
    )
    asked_at = models.DateTimeField(_("asked at"))
    expires_at = models.DateTimeField(_("may be answered until"))
    score = models.CharField(_("answer"), max_length=4, choices=Score, blank=True, default="")
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    comment = models.TextField(_("comment"), max_length=MAX_COMMENT, blank=True, default="")

    class Meta:
        verbose_name = _("question of satisfaction")
        verbose_name_plural = _("questions of satisfaction")
        ordering = ("-id",)
        triggers = [_SaidOnce(name="said_once")]
        indexes = [models.Index(fields=["asked_at"], name="survey_by_day")]
        constraints = [
            models.UniqueConstraint(fields=["record_kind", "record_id"], name="one_survey_of_a_record"),
            models.CheckConstraint(condition=Q(score__in=("", "good", "fair", "bad")), name="a_score_is_known"),
            models.CheckConstraint(
                condition=Q(score="", answered_at=None) | (~Q(score="") & Q(answered_at__isnull=False)),
                name="an_answer_has_its_instant",
            ),
            models.CheckConstraint(
                condition=Q(comment="") | Q(answered_at__isnull=False), name="a_comment_follows_an_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record_kind} {self.record_id}"

    @property
    def reference(self) -> str:
        """Of the record that it is about, such as INC-00042."""
        return owner_of(self.record_kind).named(self.record_id)
