"""Public holidays by country, as the library `holidays` knows them; dates are copied, not looked up later."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext
from holidays import country_holidays
from holidays.utils import list_supported_countries

from itsm.clocks.hours_format import MAX_NAME
from itsm.kernel.errors import InvalidInput

MAX_YEARS = 10
FIRST_YEAR, LAST_YEAR = 2000, 2100


@lru_cache(maxsize=1)
def countries() -> dict[str, list[str]]:
    """The codes of countries that are known, with those of their parts."""
    found: dict[str, list[str]] = list_supported_countries()
    return found


def public_holidays(country: str, subdivision: str, years: Sequence[int]) -> list[dict[str, Any]]:
    """The holidays of a country, and of a part of it, in these years, as days of a calendar in order.

    InvalidInput for a country, part or year that the library does not know.
    """
    code, part = country.strip().upper(), subdivision.strip()
    if code not in countries():
        raise _unknown("country", country, list(countries()))
    if part and part not in countries()[code]:
        raise _unknown("subdivision", subdivision, countries()[code])
    wrong = [year for year in years if not FIRST_YEAR <= year <= LAST_YEAR]
    if wrong or not 1 <= len(years) <= MAX_YEARS:
        words = {"first": FIRST_YEAR, "last": LAST_YEAR, "most": MAX_YEARS}
        raise InvalidInput.about("years", gettext("Name one to %(most)d years from %(first)d to %(last)d.") % words)
    known = country_holidays(code, subdiv=part or None, years=list(years))
    origin = f"holidays:{code}{f'-{part}' if part else ''}"
    return [
        {"date": day.isoformat(), "name": str(name)[:MAX_NAME], "spans": [], "origin": origin[:40]}
        for day, name in sorted(known.items())
        if day.year in years
    ]


def _unknown(field: str, said: str, known: Sequence[str]) -> InvalidInput:
    near = get_close_matches(said.upper(), known, n=5, cutoff=0.4) or sorted(known)[:20]
    words = {"said": said[:20], "near": ", ".join(near) or "–"}
    return InvalidInput.about(field, gettext("%(said)s is not known; there are for example %(near)s.") % words)
