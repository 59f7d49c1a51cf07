"""Whether the bounds of a model make sense; what does not is refused with a sentence beside its field."""

import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext

from changes.change_models.rules.bounds import DAYS
from itsm.kernel.errors import InvalidInput
from itsm.kernel.texts import is_blank

MOST_PATHS, MOST_SERVICES, MOST_USERS, MOST_COMMITS = 50, 50, 100, 10_000
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_RISKS = ("low", "medium", "high")


def require_sound(model: Any) -> None:
    """Raises InvalidInput naming every field that does not fit."""
    errors = dict(_problems(model))
    if errors:
        raise InvalidInput(
            gettext("These bounds do not fit together."), {name: [said] for name, said in errors.items()}
        )


def _problems(model: Any) -> Iterator[tuple[str, str]]:
    if len(model.paths) > MOST_PATHS or any(is_blank(one) or len(one) > 200 for one in model.paths):
        yield "paths", gettext("At most %(most)s patterns of 1 to 200 characters.") % {"most": MOST_PATHS}
    if model.most_commits is not None and not 1 <= model.most_commits <= MOST_COMMITS:
        yield "most_commits", gettext("A whole number from 1 to %(most)s, or none.") % {"most": MOST_COMMITS}
    if not set(model.days) <= set(DAYS) or len(set(model.days)) < len(model.days):
        yield "days", gettext("Days are mon, tue, wed, thu, fri, sat, sun, each once.")
    hours = [one for one in (model.hours_from, model.hours_until) if one]
    if not all(_CLOCK.fullmatch(one) for one in hours):
        yield "hours_from", gettext("Hours are such as 08:00 and 17:30.")
    elif len(hours) == 1:
        yield "hours_until", gettext("Hours have a beginning and an end.")
    elif hours and not hours[0] < hours[1]:
        yield "hours_until", gettext("They end after they begin, on the same day.")
    if model.zone not in available_timezones():
        yield "zone", gettext("There is no such time zone.")
    if model.risk not in _RISKS:
        yield "risk", gettext("Risk is low, medium or high.")
    if len(model.also_services) > MOST_SERVICES:
        yield "also_services", gettext("At most %(most)s services.") % {"most": MOST_SERVICES}
    if len(model.users) > MOST_USERS:
        yield "users", gettext("At most %(most)s accounts.") % {"most": MOST_USERS}
