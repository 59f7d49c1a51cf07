"""When an experiment that runs has to stop. Plain Python."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from changes.chaos.vocabulary import AbortCause


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of a running experiment.

    `burned`: objective -> share of its whole budget that failed since the start, of its own service's gating
    objectives; `blind`: those of them that nothing is known of now; `paging`: objectives of its own and of reached
    services on which a page row fires.
    """

    burned: Mapping[str, Decimal]
    blind: Collection[str] = ()
    paging: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why it stops: the cause, on which objective, and for a burnt stake how much is burned."""

    cause: AbortCause
    objective: str = ""
    burned: Decimal | None = None


def why_abort(stake: Decimal, seen: Seen) -> Reason | None:
    """The gravest reason to stop it now, None while it may go on. At the stake itself it is burnt.

    Where no objective is left that measures its service, nobody sees what it does: that stops it as well.
    """
    if seen.paging:
        return Reason(AbortCause.PAGE_FIRED, min(seen.paging))
    burnt = [(share, name) for name, share in seen.burned.items() if share >= stake]
    if burnt:
        share, name = max(burnt)
        return Reason(AbortCause.STAKE_BURNT, name, share)
    if seen.blind or not seen.burned:
        return Reason(AbortCause.NOT_SEEN, min(seen.blind, default=""))
    return None
