"""What else the company keeps about its budgets: other ways to judge them, a journey over several, corrections.

None of it decides about changes, so the stories of the changes do not depend on it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from itsm.home.demo.company import FOUNDER
from itsm.home.demo.measuring import LIVED
from itsm.home.demo.objectives import OURS
from itsm.kernel.actors import Actor
from slo.measuring.queries import indicators
from slo.objectives import operations as objectives_operations
from slo.objectives import operations as slo
from slo.objectives.queries import by_slug

if TYPE_CHECKING:
    from catalog.models import Service
    from slo.models import Indicator, Objective

_JOURNEY = (("storefront-availability", "0.999"), ("checkout-orders", "0.9995"), ("payments-authorised", "0.9995"))


def refine(services: "Mapping[str, Service]", actors: Mapping[str, Actor], *, at: datetime) -> None:
    """Objectives by slices and by the calendar, a composite, two corrections."""
    began = at - LIVED
    slo.create_objective(
        actor=actors["engineer"], at=began, slug="storefront-five-minutes", name="Every five minutes the shop answers",
        service=services["storefront"], indicator=_indicator("storefront-availability"), target=Decimal("0.995"),
        method="timeslices", time_slice_target=Decimal("0.998"), time_slice_minutes=5, gating=False,
        calendar={"unit": "month", "zone": "Europe/Berlin"},
        description="For the contract with the marketplace: bad slices of five minutes in a calendar month.",
    )  # fmt: skip
    slo.create_objective(
        actor=actors["engineer"], at=began, slug="shopping-journey", name="A customer can shop from start to finish",
        service=services["checkout"], target=Decimal("0.998"), method="ratio_timeslices", time_slice_minutes=1,
        members=[objectives_operations.MemberTerms(_indicator(slug), Decimal(target)) for slug, target in _JOURNEY],
        window_days=7, gating=False, labels={"journey": ["shopping"]},
        description="Shop pages, orders and payments together: what one of them loses, the journey loses.",
    )  # fmt: skip


def correct(actors: Mapping[str, Actor], *, at: datetime) -> None:
    """One correction that holds, one that waits for somebody."""
    night = (at - timedelta(days=2)).replace(hour=2, minute=0, second=0, microsecond=0)
    held = slo.propose_correction(
        _objective("catalogue-availability"), actor=actors["engineer"], at=night + timedelta(hours=8),
        category="scheduled_maintenance", starts_at=night, ends_at=night + timedelta(minutes=40),
        reason="The database was moved to new disks, announced a week before.",
    )  # fmt: skip
    slo.approve_correction(held, actor=actors["manager"], at=night + timedelta(hours=9))
    slo.propose_correction(
        _objective("image-cdn-west-delivered"), actor=actors["engineer"], at=at - timedelta(hours=5),
        category="out_of_scope_traffic", starts_at=at - timedelta(days=1, hours=3),
        ends_at=at - timedelta(days=1, hours=1), reason="A load test of ours hit the production addresses.",
    )  # fmt: skip
    slo.evaluate(at=at)  # the approval was judged as of its own time
    slo.recompute_outages(actor=FOUNDER, at=at)


def _indicator(promise: str) -> "Indicator":
    return indicators(FOUNDER).get(slug=f"{OURS}{promise}")


def _objective(slug: str) -> "Objective":
    return by_slug(FOUNDER, slug)
