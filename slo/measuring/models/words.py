"""The engine's words as people read them: choices of the models' fields, in one place."""

from django.utils.translation import gettext_lazy as _

from slo.engine.methods import SLICE_MINUTES, Method, MissingSlices
from slo.engine.windows import BudgetBasis

METHODS = [
    (Method.OCCURRENCES.value, _("Occurrences: every event counts")),
    (Method.TIMESLICES.value, _("Timeslices: every slice of time is good or bad")),
    (Method.RATIO_TIMESLICES.value, _("Ratio timeslices: every slice counts by its share of good events")),
]
MISSING_SLICES = [
    (MissingSlices.EXCLUDED.value, _("left out")),
    (MissingSlices.GOOD.value, _("good")),
    (MissingSlices.BAD.value, _("bad")),
]
BUDGET_BASES = [
    (BudgetBasis.FULL_WINDOW.value, _("the whole period, expected traffic included")),
    (BudgetBasis.ELAPSED.value, _("what has passed of the period")),
]
SLICE_LENGTHS = [(minutes, str(minutes)) for minutes in SLICE_MINUTES]
