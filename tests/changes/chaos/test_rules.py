"""When an experiment has to stop: at the stake itself, on a page, and where nobody sees it."""

from decimal import Decimal

import pytest

from changes.chaos.rules import Reason, Seen, why_abort
from changes.chaos.vocabulary import AbortCause

STAKE = Decimal("0.05")


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (Seen({"a": Decimal("0.049999")}), None),
        (Seen({"a": STAKE}), Reason(AbortCause.STAKE_BURNT, "a", STAKE)),
        (Seen({"a": STAKE, "b": Decimal("0.2")}), Reason(AbortCause.STAKE_BURNT, "b", Decimal("0.2"))),
        (Seen({"a": Decimal(0)}, paging=["z", "y"]), Reason(AbortCause.PAGE_FIRED, "y")),
        (Seen({"a": STAKE}, paging=["y"]), Reason(AbortCause.PAGE_FIRED, "y")),
        (Seen({"a": Decimal(0), "b": Decimal(0)}, blind=["b"]), Reason(AbortCause.NOT_SEEN, "b")),
        (Seen({}), Reason(AbortCause.NOT_SEEN)),
    ],
)
def test_why_it_stops(seen: Seen, reason: Reason | None) -> None:
    assert why_abort(STAKE, seen) == reason
