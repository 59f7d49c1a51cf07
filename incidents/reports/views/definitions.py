"""The columns of a report: what each counts, in the words of its page."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from incidents.reports.vocabulary import Measure


class Column(NamedTuple):
    """`head`, what it means, and its measures: of two the first is what met, the second what missed a target."""

    head: Any
    meaning: Any
    measures: tuple[Measure, ...]

    @property
    def pair(self) -> Any:
        """What stands on either side of a slash."""
        if len(self.measures) == 2:
            return _("met / late")
        return _("business / elapsed") if self.measures[0] in _LASTING else ""


_LASTING = (Measure.MTTA, Measure.FIRST_RESPONSE, Measure.MTTR)

COLUMNS = (
    Column(
        _("Opened"),
        _("Opened in the period. What was merged into another is counted with that one."),
        (Measure.OPENED,),
    ),
    Column(
        _("Resolved"),
        _("Resolved in the period, where that still stands."),
        (Measure.RESOLVED,),
    ),
    Column(
        _("Backlog"),
        _("Opened before the period's end, and neither resolved nor cancelled then, by its history."),
        (Measure.BACKLOG,),
    ),
    Column(
        _("MTTA"),
        _(
            "From opened to the first thing a person did: acknowledge, assign, answer or resolve; "
            "acknowledged in the period."
        ),
        (Measure.MTTA,),
    ),
    Column(
        _("First response"),
        _("From opened to the first public answer, as its clock counted; answered in the period."),
        (Measure.FIRST_RESPONSE,),
    ),
    Column(
        _("MTTR"),
        _("From opened to resolved, as the resolve clock counted, pauses left out; resolved in the period."),
        (Measure.MTTR,),
    ),
    Column(
        _("Resolved in time"),
        _(
            "Resolve clocks that stopped in the period: met of met and late. A target that came too late by "
            "a change is counted apart."
        ),
        (Measure.SLA_MET, Measure.SLA_BREACHED),
    ),
    Column(
        _("Answered in time"),
        _("The same of first responses."),
        (Measure.RESPONSE_MET, Measure.RESPONSE_BREACHED),
    ),
    Column(
        _("Updated in time"),
        _("The same of answers to callers who spoke again; an incident may have many."),
        (Measure.UPDATE_MET, Measure.UPDATE_BREACHED),
    ),
    Column(
        _("Late by a new target"),
        _("Resolve clocks whose new target was over as it came: neither met nor late."),
        (Measure.SLA_BY_CHANGE,),
    ),
    Column(
        _("First contact"),
        _("Of what was resolved: by whom first worked on it, never moved nor reopened, with one public word at most."),
        (Measure.FCR,),
    ),
    Column(
        _("Reopened"),
        _("Opened in the period, and reopened since; beside it how often."),
        (Measure.REOPENED,),
    ),
    Column(
        _("Reassigned"),
        _("Opened in the period, and moved to another team or from person to person; beside it how often."),
        (Measure.REASSIGNED,),
    ),
    Column(
        _("Escalated"),
        _("Opened in the period, and passed to specialists or to a lead; beside it how often."),
        (Measure.ESCALATED,),
    ),
    Column(
        _("By a change"),
        _("Opened in the period, and linked to the change that caused it."),
        (Measure.CAUSED_BY_CHANGE,),
    ),
    Column(
        _("Time worked"),
        _("Hours and minutes that people noted on days of the period; the number leads to what they worked on."),
        (Measure.TIME_WORKED,),
    ),
)
