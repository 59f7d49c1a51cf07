"""Who may see a thing that is shown to people outside: tokens `all`, `staff`, `team:<id>`, one rule for every door.

Who works here sees it whatever its audience is: incidents, changes and impact need it. An audience says who else does.
"""

import re
from collections.abc import Collection, Iterable

from django.db.models import Func, Q, TextField, Value
from django.db.models.expressions import F
from django.db.models.lookups import Regex
from django.utils.translation import gettext

from itsm.accounts.models import Team
from itsm.accounts.permissions import staff
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput

ALL, STAFF = "all", "staff"
MAX_TOKENS = 30
_TEAM = re.compile(r"team:([1-9][0-9]{0,17})", re.ASCII)


def everybody() -> list[str]:
    """The audience that a thing begins with."""
    return [ALL]


def tokens_of(actor: Actor) -> list[str]:
    """The tokens by which somebody who does not work here sees something."""
    return [ALL, *(f"team:{one}" for one in sorted(actor.teams))]


def seen_by(actor: Actor) -> Q:
    """The condition on a column `audience` under which this actor sees a row; all rows for who works here."""
    return Q() if staff(actor) else Q(audience__overlap=tokens_of(actor))


def sees(actor: Actor, audience: Collection[str]) -> bool:
    """The same of one audience that was read already."""
    return staff(actor) or not set(audience).isdisjoint(tokens_of(actor))


def for_search(audience: Iterable[str]) -> tuple[str, ...]:
    """The audience as search keeps it, where who works here has a token too."""
    return tuple(dict.fromkeys([*audience, STAFF]))


def normal(audience: Collection[str]) -> list[str]:
    """As it is kept: `all` alone, `staff` alone, or teams by id, each once.

    Raises InvalidInput for an empty audience, an unknown token, more than MAX_TOKENS of them, and a team that is not
    there or is retired.
    """
    found = list(dict.fromkeys(audience))
    teams = sorted({int(one[1]) for token in found if (one := _TEAM.fullmatch(token))})
    odd = [token for token in found if token not in (ALL, STAFF) and not _TEAM.fullmatch(token)]
    if not found or odd or len(found) > MAX_TOKENS:
        raise _refused(gettext("An audience is all, staff, or at most %(most)d teams.") % {"most": MAX_TOKENS})
    if len(Team.objects.standing().filter(pk__in=teams)) != len(teams):
        raise _refused(gettext("An audience names teams that are there and not retired."))
    if ALL in found:
        return [ALL]
    return [f"team:{one}" for one in teams] or [STAFF]


def without_team(audience: Collection[str], old: Team, new: Team) -> list[str]:
    """The same audience once a team was merged into another."""
    return list(dict.fromkeys(f"team:{new.pk}" if token == f"team:{old.pk}" else token for token in audience))


def lies_within(inner: Collection[str], outer: Collection[str]) -> bool:
    """Whether nobody is in the first audience who is not in the second."""
    return ALL in outer or set(inner) <= {*outer, STAFF}


def teams_in(audiences: Iterable[Collection[str]]) -> set[int]:
    """The ids of the teams that these name."""
    return {int(one[1]) for audience in audiences for token in audience if (one := _TEAM.fullmatch(token))}


def in_words(audience: Collection[str]) -> str:
    """For people. One query where teams are named."""
    if ALL in audience:
        return gettext("everybody who can sign in")
    names = Team.objects.filter(pk__in=teams_in([audience])).values_list("name", flat=True)
    shown = ", ".join(names) if set(audience) != {STAFF} else ""
    return gettext("who works here, and %(teams)s") % {"teams": shown} if shown else gettext("who works here")


def is_well_formed() -> Regex:
    """What the database demands of the column: at least one token, each a known one."""
    known = r"(all|staff|team:[1-9][0-9]{0,17})"
    joined = Func(F("audience"), Value(" "), function="array_to_string", output_field=TextField())
    return Regex(joined, Value(f"^{known}( {known})*$"))


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput.about("audience", sentence)
