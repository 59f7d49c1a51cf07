"""How far the sync of a directory came, and every run of it."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.directory.vocabulary import TONES, Outcome


class DirectorySync(models.Model):
    """The sync of one provider: when it is due, who does it now, and whether it waits for a person.

    `run`, `busy_until`: the run that holds it, and until when that has to say that it lives. `changed_to`: up to when
    the directory's own clock was read; `whole_at`: when all of it was. `leaving`: whom it would take the account from
    where that waits for a person, by what the directory calls them; `let_go`: whom a person let go.
    """

    kind = "directory_sync"

    provider = models.OneToOneField(
        "identity.IdentityProvider", models.CASCADE, related_name="+", verbose_name=_("provider")
    )
    due_at = models.DateTimeField(_("due at"), db_index=True)
    run = models.ForeignKey("directory.SyncRun", models.SET_NULL, null=True, related_name="+", editable=False)
    busy_until = models.DateTimeField(_("held until"), null=True, editable=False)
    changed_to = models.CharField(_("read up to"), max_length=40, blank=True, editable=False)
    read_as = models.CharField(_("as it was set up then"), max_length=64, blank=True, editable=False)
    whole_at = models.DateTimeField(_("read whole at"), null=True, editable=False)
    done_at = models.DateTimeField(_("done last at"), null=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    held_since = models.DateTimeField(_("waits for a person since"), null=True, editable=False)
    leaving = ArrayField(models.CharField(max_length=300), default=list, editable=False)
    let_go = ArrayField(models.CharField(max_length=300), default=list, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("sync of a directory")
        verbose_name_plural = _("syncs of directories")
        ordering = ("provider",)

    def __str__(self) -> str:
        return f"sync of {self.provider_id}"

    @property
    def reference(self) -> str:
        return f"sync-{self.provider_id}"

    def get_absolute_url(self) -> str:
        return f"/settings/identity/{self.provider.slug}/sync/"


class SyncRun(models.Model):
    """One run. `preview`: it only says what would change. Counts are of people; `lines` say who, some of each kind:
    {"kind": "new", "who": "ada", "what": "..."}."""

    kind = "sync_run"

    provider = models.ForeignKey(
        "identity.IdentityProvider", models.CASCADE, related_name="+", db_index=False, verbose_name=_("provider")
    )
    preview = models.BooleanField(_("preview"), default=False)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, default=Outcome.WAITING)
    asked_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, related_name="+", verbose_name=_("asked for by")
    )
    begun_at = models.DateTimeField(_("begun at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    whole = models.BooleanField(_("all of it was read"), default=False)
    found = models.PositiveIntegerField(_("people there"), default=0)
    to_do = models.PositiveIntegerField(_("to do"), default=0)
    made = models.PositiveIntegerField(_("new accounts"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    left = models.PositiveIntegerField(_("left"), default=0)
    back = models.PositiveIntegerField(_("came back"), default=0)
    refused = models.PositiveIntegerField(_("not let in"), default=0)
    failed = models.PositiveIntegerField(_("could not be done"), default=0)
    sentence = models.CharField(_("in words"), max_length=500, blank=True)
    lines = models.JSONField(_("who"), default=list)

    class Meta:
        verbose_name = _("run of a sync")
        verbose_name_plural = _("runs of syncs")
        ordering = ("-begun_at", "-id")
        indexes = [models.Index(fields=["provider", "-begun_at", "-id"], name="sync_runs_in_order")]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=[Outcome.WAITING, Outcome.RUNNING]) ^ Q(ended_at__isnull=False),
                name="a_sync_run_that_is_over_has_an_end",
            )
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.provider_id}"

    @property
    def tone(self) -> str:
        return TONES[Outcome(self.outcome)]

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    @property
    def done(self) -> int:
        """Of what there was to do."""
        return self.made + self.changed + self.left + self.back + self.failed

    def get_absolute_url(self) -> Any:
        return f"/settings/identity/{self.provider.slug}/sync/{self.pk}/"
