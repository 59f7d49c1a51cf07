"""The steps of the first hour, and which of them are done: read from what there is, never from a mark."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.agreements.queries import living_agreements
from catalog.services.queries import every_service
from changes.change.queries.listing import every_evaluation
from itsm.accounts.models import Membership, Team, Token, User
from itsm.accounts.permissions import administrators
from itsm.kernel.actors import Actor
from itsm.setup.models import SetupProgress
from slo.objectives.queries.standing import in_force, measured

PEOPLE, SERVICE, OBJECTIVE, TOKEN, QUESTION = "people", "service", "objective", "token", "question"
AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True)
class Step:
    """`fact` says in words what there is; `is_skipped` only where it is not done."""

    key: str
    title: Any
    why: Any
    is_done: bool
    is_skipped: bool
    fact: str
    icon: str

    @property
    def is_open(self) -> bool:
        return not (self.is_done or self.is_skipped)


@dataclass(frozen=True, slots=True)
class Progress:
    """All steps in their order. `is_dismissed`: somebody put the card on the desk away."""

    steps: list[Step]
    is_dismissed: bool

    @property
    def next(self) -> Step | None:
        return next((one for one in self.steps if one.is_open), None)

    @property
    def done(self) -> int:
        return sum(one.is_done for one in self.steps)

    @property
    def is_over(self) -> bool:
        """Nothing is left to do: each step is done, or was passed over."""
        return self.next is None


def progress() -> Progress:
    """Eight small queries, none of which grows with what there is."""
    kept = SetupProgress.objects.filter(pk=1).first() or SetupProgress()
    facts = {
        PEOPLE: _people(), SERVICE: _services(), OBJECTIVE: _objectives(), TOKEN: _tokens(), QUESTION: _questions(),
        AGREEMENT: _agreements(),
    }  # fmt: skip
    steps = [
        Step(key, title, why, facts[key][0], not facts[key][0] and key in kept.skipped, facts[key][1], icon)
        for key, title, why, icon in _STEPS
    ]
    return Progress(steps, kept.dismissed_at is not None)


def shown(actor: Actor) -> Progress | None:
    """For the desk of an administrator: the progress until it is over or put away."""
    if not administrators(actor):
        return None
    known = progress()
    return None if known.is_over or known.is_dismissed else known


_STEPS = (
    (PEOPLE, _("People and teams"), _("A team owns services; its members may approve for each other."), "users"),
    (
        SERVICE,
        _("A service"),
        _("What people or other services rely on. One by hand, or all from a table."),
        "server-2",
    ),
    (OBJECTIVE, _("An objective"), _("What you promise, and where it is measured. Tried before it is kept."), "target"),
    (TOKEN, _("A token"), _("By which a pipeline signs in."), "key"),
    (QUESTION, _("A question to the gate"), _("May this change go? The answer, with its reasons."), "git-pull-request"),
    (AGREEMENT, _("An agreement"), _("How soon people are answered, and by when it works again."), "clock"),
)
_MANY = 100


def _counted(number: int) -> str:
    return f"{_MANY}+" if number > _MANY else str(number)


def _people() -> tuple[bool, str]:
    people = User.objects.active_people()[: _MANY + 1].count()
    # The triage queue comes with the house: it counts once somebody is in it.
    made = Team.objects.filter(Q(triage=False) | Exists(Membership.objects.filter(team=OuterRef("pk"))))
    teams = made[: _MANY + 1].count()
    come_in = people_who_come_in()[: _MANY + 1].count()
    words = {"people": _counted(people), "teams": _counted(teams), "come_in": _counted(come_in)}
    return people > 1 and teams > 0, str(_("People: %(people)s · can sign in: %(come_in)s · teams: %(teams)s")) % words


def people_who_come_in() -> "QuerySet[User]":
    """Active people with a password; who was only brought in has none."""
    people = User.objects.active_people()
    return people.exclude(password="").exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)


def _services() -> tuple[bool, str]:
    number = every_service()[: _MANY + 1].count()
    return number > 0, str(_("Services: %(number)s")) % {"number": _counted(number)}


def _objectives() -> tuple[bool, str]:
    """Done with the first one that is measured or set; the words say whether anything has arrived."""
    number, with_measurements = in_force()[: _MANY + 1].count(), measured()[: _MANY + 1].count()
    words = {"number": _counted(number), "measured": _counted(with_measurements)}
    return number > 0, str(_("Objectives: %(number)s · with measurements: %(measured)s")) % words


def _tokens() -> tuple[bool, str]:
    number = Token.objects.filter(revoked_at=None, expires_at__gt=timezone.now())[: _MANY + 1].count()
    return number > 0, str(_("Tokens: %(number)s")) % {"number": _counted(number)}


def _questions() -> tuple[bool, str]:
    number = every_evaluation()[: _MANY + 1].count()
    return number > 0, str(_("Questions: %(number)s")) % {"number": _counted(number)}


def _agreements() -> tuple[bool, str]:
    number = living_agreements()[: _MANY + 1].count()
    return number > 0, str(_("Agreements: %(number)s")) % {"number": _counted(number)}
