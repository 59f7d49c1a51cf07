"""Reports that are kept under a name, and who gets them by mail."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents.reports.vocabulary import Every, Group, Measure, Span


class SavedReport(models.Model):
    """Which measures of which incidents (`query`: terms of the filter grammar), told apart by a group, of a period that
    moves with the calendar."""

    kind = "saved_report"

    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", verbose_name=_("whose it is"))
    query = models.CharField(_("only"), max_length=2000, blank=True)
    measures = ArrayField(models.CharField(max_length=20, choices=Measure), verbose_name=_("measures"))
    group_by = models.CharField(_("told apart by"), max_length=10, choices=Group, default=Group.TEAM)
    span = models.CharField(_("period"), max_length=12, choices=Span, default=Span.LAST_WEEK)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ("name", "id")
        constraints = [models.CheckConstraint(condition=~Q(measures=[]), name="a_report_measures_something")]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/reports/saved/{self.pk}/"


class ReportMail(models.Model):
    """A person gets a report by mail, each morning, Monday or first of the month in their own zone."""

    kind = "report_mail"

    report = models.ForeignKey(
        SavedReport, models.CASCADE, related_name="mails", db_index=False, verbose_name=_("report")
    )
    reader = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", verbose_name=_("reader"))
    every = models.CharField(_("how often"), max_length=8, choices=Every, default=Every.WEEK)
    sent_at = models.DateTimeField(_("last sent at"), null=True)

    class Meta:
        verbose_name = _("report by mail")
        verbose_name_plural = _("reports by mail")
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["report", "reader"], name="one_mail_of_a_report_per_reader")]

    def __str__(self) -> str:
        return f"{self.report_id} to {self.reader_id}"
