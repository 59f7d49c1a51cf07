"""The engine's words as people read them: choices of the models' fields, in one place."""

from django.utils.translation import gettext_lazy as _

from itsm.ui.colours import Word
from slo.engine.methods import SLICE_MINUTES, Method, MissingSlices
from slo.engine.states import WORST_FIRST, State
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

_STATES: dict[State, Word] = {
    State.BURNING_FAST: (_("Burning fast"), "red"),
    State.EXHAUSTED: (_("Exhausted"), "red"),
    State.NO_DATA: (_("No data"), "red"),
    State.CONSTRAINED: (_("Constrained"), "amber"),
    State.RECOVERING: (_("Recovering"), "amber"),
    State.WATCH: (_("Watch"), "amber"),
    State.LOW_CONFIDENCE: (_("Low confidence"), "grey"),
    State.HEALTHY: (_("Healthy"), "green"),
    State.NOT_YET_MEASURED: (_("Not yet measured"), "grey"),
    State.UNMEASURED: (_("Not measured"), "grey"),
}
BUDGET_STATES: dict[str, Word] = {state.value: _STATES[state] for state in WORST_FIRST}
FLAGS: dict[str, Word] = {
    "burning_fast": (_("Burning fast"), "red"),
    "burning_slow": (_("Burning slowly"), "amber"),
    "no_data": (_("No data"), "red"),
    "not_yet_measured": (_("Not yet measured"), "grey"),
    "low_confidence": (_("Low confidence"), "grey"),
    "no_traffic": (_("No traffic"), "grey"),
}
QUERIES = ("good_query", "bad_query", "total_query", "value_query")  # of an indicator that is asked of Prometheus
