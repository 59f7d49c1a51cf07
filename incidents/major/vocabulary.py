"""Words of major incidents. Severity says how great the harm is; priority, in what order work is done."""

from datetime import timedelta

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Severity(IntegerChoices):
    """Harm, said by a person; not derived from priority, nor priority from it."""

    ALL = 1, _("SEV1: everybody is harmed")
    MANY = 2, _("SEV2: many are harmed")
    FEW = 3, _("SEV3: few are harmed")
    NONE_YET = 4, _("SEV4: nobody is harmed yet")


NEEDS_POSTMORTEM = (Severity.ALL, Severity.MANY)
# How often those who wait hear something, where nobody says otherwise.
CADENCE = {Severity.ALL: 30, Severity.MANY: 60, Severity.FEW: 240, Severity.NONE_YET: 240}
SHORTEST_CADENCE, LONGEST_CADENCE = 5, 1440  # minutes


class Rule(TextChoices):
    """What proposes a major incident by itself."""

    CRITICAL = "critical", _("Priority 1")
    CHILDREN = "children", _("Many children")
    TIER_1_BURN = "tier_1_burn", _("An alert burns a tier 1 service's budget")
    STORM = "storm", _("A storm of alerts")
    DEPENDENCY = "dependency", _("Several services of one dependency")
    REPORTERS = "reporters", _("Many reporters")


# Rule -> (from how many on it proposes, within how many minutes; 0: at any time), until somebody says otherwise.
SEEDED = {
    Rule.CRITICAL: (1, 0),
    Rule.CHILDREN: (21, 0),
    Rule.TIER_1_BURN: (1, 0),
    Rule.STORM: (30, 1),
    Rule.DEPENDENCY: (3, 15),
    Rule.REPORTERS: (10, 30),
}
RESTS = timedelta(hours=2)  # a rule whose proposal was turned down, unless what it counts has doubled
UNANSWERED = timedelta(minutes=5)  # then the duty manager is paged
PAGES_COMMUNICATIONS = timedelta(minutes=5)  # after an update was due
PAGES_COMMANDER = timedelta(minutes=15)
MAY_BE_AHEAD = timedelta(minutes=5)  # clocks differ


class NoticeFate(TextChoices):
    """What becomes of the public notice of a major incident that is none any more."""

    NONE = "none", _("there is none")
    KEEP = "keep", _("it stays, and is kept up to date")
    RESOLVE = "resolve", _("it is resolved there")


class Source(TextChoices):
    """Where a line of the timeline comes from."""

    INCIDENT = "incident", _("incident")
    MAJOR = "major", _("major incident")
    NOTE = "note", _("note")
    UPDATE = "update", _("update")
    MOMENT = "moment", _("moment")
    PAGE = "page", _("page")
    ALERT = "alert", _("alert")
    CHANGE = "change", _("change")
    PUBLIC = "public", _("status page")


ROLES = {"commander": _("Commander"), "communications": _("Communications"), "scribe": _("Scribe")}
