"""How steps are made: asking again, and somebody's word about an artifact."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from changes.change.agent_tools.case import Case
from changes.change.agent_tools.shapes import Step
from changes.gate.artifacts import is_immutable
from changes.gate.verdict import Values
from itsm.notifications.web_addresses import our_address

Make = Callable[[Case, Values], Step]
ASK = "ask_gate"
ATTEST_AT = "/api/v1/attestations/"


def again(case: Case, do: str, *supply: str, not_before: datetime | None = None, **said: Any) -> Step:
    """Ask anew, with this besides."""
    about = {"change": case.change.reference} if case.change is not None else dict(case.asked)
    needs = () if case.change is not None else ("summary",)
    return Step(
        do=do, who="you", tool=ASK, arguments={**about, **said}, you_supply=[*needs, *supply], not_before=not_before
    )


def attested_by(what: str, *about: str) -> Make:
    def step(case: Case, values: Values) -> Step:
        words = {"what": what, "about": _(" and about=").join(about), "at": ATTEST_AT, "digest": digest_of(case)}
        do = _(
            "Have one of these people or programs, who has no part in it, %(what)s and attest it: "
            "POST %(at)s with about=%(about)s for %(digest)s. You and your owner cannot. Then ask again."
        )
        page = our_address(_attested_at(case))
        return Step(do=do % words, who="person", people=case.attesting(about[0]), where=page)

    return step


def _attested_at(case: Case) -> str:
    """Where a person gives their word: the form of the change; before it names an artifact for ever, who may give it
    at all."""
    if case.change is None or not is_immutable(case.change.artifact_digest):
        return "/changes/attestors/"
    return f"/changes/{case.change.reference}/attest/"


def digest_of(case: Case) -> str:
    digest = case.change.artifact_digest if case.change is not None else ""
    return digest if is_immutable(digest) else _("the artifact's digest")


def clock(at: datetime) -> str:
    """An instant as agents and people read it."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
