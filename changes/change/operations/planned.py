"""What is planned of a change beside its words: the outage that is expected, who carries it out, the way back."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext

from catalog.cmdb.queries.changed import services_among
from changes.change.models import Change
from changes.change.workflow import way_back_missing
from itsm.accounts.models import User
from itsm.kernel.errors import InvalidInput, MissingInformation

LONGEST_OUTAGE = 30 * 24 * 60  # minutes
MOST_SERVICES_OUT = 50


@dataclass(frozen=True, slots=True)
class Outage:
    """The outage that is expected: how long, and of which services (ids); of none by name, of the change's own."""

    minutes: int
    services: tuple[int, ...] = ()


def outage_fields(outage: Outage | None) -> dict[str, int | list[int] | None]:
    """An expected outage, or none, as a change keeps it.

    Raises InvalidInput (too long, too many services, what is no service).
    """
    if outage is None:
        return {"outage_minutes": None, "outage_services": []}
    if not 1 <= outage.minutes <= LONGEST_OUTAGE:
        words = gettext("An outage lasts from 1 to %(most)s minutes.")
        raise InvalidInput.about("outage", words % {"most": LONGEST_OUTAGE})
    return {"outage_minutes": outage.minutes, "outage_services": _services(outage.services)}


def _services(ids: Collection[int]) -> list[int]:
    wanted = sorted(set(ids))
    if len(wanted) > MOST_SERVICES_OUT:
        words = gettext("An outage names at most %(most)s services.")
        raise InvalidInput.about("outage", words % {"most": MOST_SERVICES_OUT})
    if len(services_among(wanted)) != len(wanted):
        raise InvalidInput.about("outage", gettext("An outage is one of services."))
    return wanted


def require_implementer(person: User | None) -> None:
    """Raises InvalidInput unless somebody who works here carries it out; nobody may be named yet."""
    if person is None:
        return
    at_work = person.is_active and person.account_type == User.AccountType.HUMAN and set(person.roles) - {"requester"}
    if not at_work:
        raise InvalidInput.about("implementer", gettext("Somebody who works here carries it out: name a person."))


def require_way_back(change: Change) -> None:
    """Raises MissingInformation for a normal change that says neither its way back nor why there is none."""
    words = way_back_missing(change)
    if words:
        raise MissingInformation(words, missing=[words])
