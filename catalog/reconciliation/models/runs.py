"""One taking-in of what a source says: checked whole, then applied batch by batch from where it stands."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.reconciliation.models.sources import Source
from catalog.reconciliation.vocabulary import Outcome, RunState
from itsm.kernel.references import reference

PREFIX = "RUN"


class Run(models.Model):
    """`complete`: the source sent all that it has, so that what is missing is gone. `atomic`: all of it or nothing.

    `dry`: only to see what it would do. `cursor`: documents that are through, of `total`. `counts`: by outcome, with
    `relations`, `kept`, `held` and `gone` beside. `examples`: some of what one that only looks would change or could
    not: {item, name, key, before, after} or {item, name, key, holds, says}. `kept`: some of what stays as strict as it
    was, since who began it may not loosen it ({what, item, other, type, group, needs}; ids of items). `gone`: ids of
    items of which the source had a record and has none. `change_reference`: the change it belongs to.
    """

    kind = "import"

    source = models.ForeignKey(Source, models.PROTECT, related_name="runs", verbose_name=_("source"))
    dry = models.BooleanField(_("only to see"), default=False)
    complete = models.BooleanField(_("complete"), default=False)
    atomic = models.BooleanField(_("all or nothing"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.PLANNED)
    total = models.PositiveIntegerField(_("documents"), default=0)
    cursor = models.PositiveIntegerField(_("through"), default=0)
    counts = models.JSONField(_("counts"), default=dict)
    examples = models.JSONField(_("examples"), default=list)
    kept = models.JSONField(_("kept"), default=list)
    gone = models.JSONField(_("gone"), default=list)
    problem = models.CharField(_("what went wrong"), max_length=500, blank=True)
    change_reference = models.CharField(_("change"), max_length=20, blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        app_label = "catalog"
        verbose_name = _("import of items")
        verbose_name_plural = _("imports of items")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="state_of_an_import_is_known"),
            models.CheckConstraint(condition=Q(cursor__lte=F("total")), name="an_import_goes_no_further_than_its_end"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return reference(PREFIX, self.pk)

    def get_absolute_url(self) -> str:
        return f"/imports/{self.reference}/"


class RunDocument(models.Model):
    """One document of a run and what became of it. `document`: what is still to be taken in, null once it is. `claims`:
    relations that it claims. `held`: something of it is not believed. `ci`: of one that is refused or waits, the item
    that its source spoke of before.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="documents")
    n = models.PositiveIntegerField(_("place"))
    name = models.CharField(_("document"), max_length=500)
    document = models.JSONField(_("content"), null=True)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome, default=Outcome.WAITING)
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    claims = models.PositiveIntegerField(_("relations"), default=0)
    held = models.BooleanField(_("held"), default=False)
    ci = models.ForeignKey("catalog.CI", models.SET_NULL, null=True, related_name="+")

    class Meta:
        app_label = "catalog"
        verbose_name = _("document of an import")
        verbose_name_plural = _("documents of imports")
        ordering = ("run", "n")
        constraints = [
            models.UniqueConstraint(fields=["run", "n"], name="a_document_has_its_place_in_an_import"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="outcome_of_a_document_is_known"),
        ]
        indexes = [models.Index(fields=["run", "outcome", "n"], name="documents_by_outcome")]

    def __str__(self) -> str:
        return self.name
