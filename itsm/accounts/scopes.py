"""What a token may be narrowed to. A token never holds more than its owner; non-humans never approve."""

from django.utils.translation import gettext

from itsm.accounts.models import User
from itsm.kernel.errors import InvalidInput

READ = "read"
CATALOG_WRITE = "catalog:write"
SLO_WRITE = "slo:write"
SAMPLES_WRITE = "samples:write"
GATE_ASK = "gate:ask"
CHANGES_WRITE = "changes:write"
CHANGES_APPROVE = "changes:approve"
INCIDENTS_WRITE = "incidents:write"
REQUESTS_WRITE = "requests:write"
REQUESTS_APPROVE = "requests:approve"
PEOPLE_WRITE = "people:write"
ONCALL_WRITE = "oncall:write"
ALERTS_WRITE = "alerts:write"  # brings alerts of other systems
SCIM = "scim"  # writes people and groups as a provider of identity: at /scim/v2/ alone, where it has to be named
MAIL_WRITE = "mail:write"  # hands in mail as it came, for whoever it says wrote it

ALL = (
    READ, CATALOG_WRITE, SLO_WRITE, SAMPLES_WRITE, GATE_ASK, CHANGES_WRITE, CHANGES_APPROVE, INCIDENTS_WRITE,
    REQUESTS_WRITE, REQUESTS_APPROVE, PEOPLE_WRITE, ONCALL_WRITE, MAIL_WRITE, ALERTS_WRITE, SCIM,
)  # fmt: skip
APPROVE = CHANGES_APPROVE  # whatever is decided by people, it is this scope of theirs
PROPOSING = (SLO_WRITE, CATALOG_WRITE, INCIDENTS_WRITE)  # writes that may wait for a second person
HUMAN_ONLY = frozenset({APPROVE, REQUESTS_APPROVE})


def checked(scopes: list[str], owner: User) -> list[str]:
    """The scopes without repetition, or InvalidInput naming what is unknown or not for this owner."""
    unknown = sorted(set(scopes) - set(ALL))
    if unknown:
        raise InvalidInput.about(
            "scopes",
            gettext("Unknown scope %(unknown)s; known are %(all)s.")
            % {"unknown": ", ".join(unknown), "all": ", ".join(ALL)},
        )
    if not owner.is_human and HUMAN_ONLY & set(scopes):
        raise InvalidInput.about(
            "scopes", gettext("Approving is for people; a service account cannot hold that scope.")
        )
    return sorted(set(scopes))
