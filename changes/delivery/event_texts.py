"""What people read in a history of what happened to deployments, their sources, mappings, deliveries and questions."""

from django.utils.translation import gettext_lazy as _

EVENTS = {
    "deployment_event": {
        "created": _("told of it"),
        "told_more": _("told more of it"),
        "ended": _("told how it ended"),
        "matched": _("found its authorisation"),
        "unauthorised": _("found no authorisation"),
        "blind": _("found that it was reported as deployed blind"),
        "contradicted": _("told of another end, which was not taken"),
    },
    "delivery_source": {
        "created": _("made it"),
        "edited": _("changed it"),
        "rotated": _("made a new secret"),
        "retired": _("retired it"),
    },
    "deployment_route": {"created": _("mapped it"), "removed": _("took the mapping away")},
    "platform_delivery": {"replayed": _("had it read once more"), "discarded": _("discarded it")},
    "platform_question": {"created": _("asked"), "answered": _("answered")},
}
