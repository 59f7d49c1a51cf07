"""The codes of a ServiceNow audit log in our words."""

from incidents.incident.vocabulary import HoldReason, ResolutionCode
from incidents.incident.workflow import Status

MISSING = "?"

# What stands there -> state, and what it waits for.
STATES: dict[str, tuple[Status, str]] = {
    "new": (Status.NEW, ""),
    "active": (Status.IN_PROGRESS, ""),
    "in progress": (Status.IN_PROGRESS, ""),
    "awaiting user info": (Status.ON_HOLD, HoldReason.CALLER),
    "awaiting vendor": (Status.ON_HOLD, HoldReason.VENDOR),
    "awaiting problem": (Status.ON_HOLD, HoldReason.PROBLEM),
    "awaiting evidence": (Status.ON_HOLD, HoldReason.OTHER),
    "on hold": (Status.ON_HOLD, HoldReason.OTHER),
    "resolved": (Status.RESOLVED, ""),
    "closed": (Status.CLOSED, ""),
}

CLOSE_CODES: dict[str, ResolutionCode] = {
    "solved (permanently)": ResolutionCode.SOLVED,
    "solved remotely (permanently)": ResolutionCode.SOLVED,
    "solution provided": ResolutionCode.SOLVED,
    "solved (work around)": ResolutionCode.WORKAROUND,
    "solved remotely (work around)": ResolutionCode.WORKAROUND,
    "workaround provided": ResolutionCode.WORKAROUND,
    "known error": ResolutionCode.KNOWN_ERROR,
    "resolved by change": ResolutionCode.BY_CHANGE,
    "resolved by problem": ResolutionCode.BY_PROBLEM,
    "resolved by request": ResolutionCode.SOLVED,
    "closed/resolved by caller": ResolutionCode.BY_CALLER,
    "resolved by caller": ResolutionCode.BY_CALLER,
    "user error": ResolutionCode.USER_ERROR,
    "not solved (not reproducible)": ResolutionCode.NOT_REPRODUCIBLE,
}


def close_code(said: str) -> ResolutionCode:
    """What it means here; whatever is not known is no resolution."""
    return CLOSE_CODES.get(said.lower(), ResolutionCode.NO_RESOLUTION)
