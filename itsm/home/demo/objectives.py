"""What Larkspur promises: one objective per line, and how its service fares. Data only."""
# ruff: noqa: E501 -- a table is read in lines

from dataclasses import dataclass
from decimal import Decimal

from itsm.home.demo.traffic_profiles import Mood, on_fire, spent, steady

# So that nothing that a visitor defines is ever taken for ours.
OURS = "larkspur-"


@dataclass(frozen=True, slots=True)
class DemoObjective:
    """`peak` is events in a busy minute. A silent one stopped sending before the founding, for good."""

    service: str
    slug: str
    name: str
    target: str
    window_days: int
    peak: float
    mood: Mood
    silent: bool = False

    @property
    def indicator(self) -> str:
        return f"{OURS}{self.slug}"

    @property
    def budget(self) -> float:
        return float(1 - Decimal(self.target))

    @property
    def seed(self) -> int:
        """Tells the noise of one service from another's."""
        return sum(self.slug.encode())


# fmt: off
DEMO_OBJECTIVES = (
    #       service           slug                        name                                    target    days  peak
    DemoObjective("storefront",     "storefront-availability",  "Shop pages are served",                "0.999",  30,   5200, steady(0.22, seed=1)),
    DemoObjective("checkout",       "checkout-orders",          "Orders go through",                    "0.9995", 7,    1900, steady(0.65, seed=2)),
    DemoObjective("checkout",       "checkout-speed",           "Baskets answer within 400 ms",         "0.99",   7,    1900, steady(0.30, seed=4)),
    DemoObjective("payments",       "payments-authorised",      "Payments are answered by the bank",    "0.9995", 7,    2400, steady(0.18, seed=5)),
    DemoObjective("search",         "search-answers",           "Searches answer within 300 ms",        "0.998",  7,   14000, on_fire),
    DemoObjective("catalogue",      "catalogue-availability",   "Products can be shown",                "0.999",  7,    8300, steady(0.26, seed=6)),
    DemoObjective("accounts",       "accounts-sign-in",         "Sign-ins succeed",                     "0.999",  7,    1500, steady(0.20, seed=7)),
    DemoObjective("notifications",  "notifications-delivered",  "Messages are handed over in time",     "0.995",  28,    900, spent),
    DemoObjective("warehouse",      "warehouse-scans",          "Scans are booked",                     "0.99",   7,     400, steady(0.33, seed=8), silent=True),
    DemoObjective("image-cdn-east", "image-cdn-east-delivered", "Pictures are delivered in the east",   "0.999",  7,    9000, steady(0.28, seed=9)),
    DemoObjective("image-cdn-west", "image-cdn-west-delivered", "Pictures are delivered in the west",   "0.999",  7,    7600, steady(0.88, seed=10)),
    DemoObjective("status",         "status-availability",      "The status page is served",            "0.999",  7,     0.6, steady(0.30, seed=11)),
)
# fmt: on
