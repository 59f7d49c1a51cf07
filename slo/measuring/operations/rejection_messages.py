"""Why a sample was refused, in sentences."""

from django.utils.translation import gettext_lazy as _

from slo.engine.samples import Reason

SENTENCES = {
    Reason.FUTURE: _("This minute has not begun yet."),
    Reason.TOO_OLD: _("This minute is older than any window."),
    Reason.NOT_A_MINUTE: _("A minute begins at second 0."),
    Reason.NEGATIVE: _("Counts are not negative."),
    Reason.GOOD_ABOVE_TOTAL: _("More good events than events."),
    Reason.TOO_LARGE: _("More than 10^9 events in a minute."),
    Reason.NOT_A_NUMBER: _("A value is a finite number."),
    Reason.NOT_A_RATIO: _("A ready-made ratio lies between 0 and 1."),
    Reason.CONTRADICTED: _("The same minute came earlier in this batch with other values."),
}
