"""What people read in the history of a change about the experiment that it is."""

from django.utils.translation import gettext_lazy as _

EVENTS = {
    "experiment_planned": _("planned it as a chaos experiment"),
    "experiment_aborted": _("stopped the experiment: its abort hook is called"),
    "experiment_stopped": _("confirmed that the experiment has stopped"),
    "experiment_unconfirmed": _("paged people: nothing has confirmed that the experiment stopped"),
    "experiment_concluded": _("said what the experiment showed"),
    "experiment_found": _("opened a problem for what the experiment found"),
}
