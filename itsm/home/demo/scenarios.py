"""What Larkspur changed in its last week, and what it is about to change. Data only.

The gate is really asked each time; a story says who asks for what and how people carry on, never
what the answer is. Where no answer fits the fate, the story ends there.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto


class Ending(Enum):
    """How far a change has come by the founding."""

    WAITING = auto()  # whatever the gate said still holds
    ON_HOLD = auto()
    CANCELLED = auto()
    DECLINED = auto()
    APPROVED = auto()  # allowed, not begun
    RUNNING = auto()
    REVIEWING = auto()
    DONE = auto()
    ISSUES = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Scenario:
    """`by` is a log-in; a standard change is a deployment by the approved model. Reviewed: the code host says so."""

    hours_ago: float
    service: str
    version: str
    summary: str
    fate: Ending
    change_class: str = "standard"
    by: str = "pipeline"
    purpose: str = "feature"
    reviewed: bool = False
    migration: bool = False
    finding: str = ""
    window_days: int = 0

    @property
    def ago(self) -> timedelta:
        return timedelta(hours=self.hours_ago)


def _normal(
    hours_ago: float, service: str, version: str, summary: str, fate: Ending,
    *, by: str = "engineer", reviewed: bool = False, migration: bool = False, window_days: int = 0,
) -> Scenario:  # fmt: skip
    return Scenario(
        hours_ago, service, version, summary, fate, "normal", by,
        reviewed=reviewed, migration=migration, window_days=window_days,
    )  # fmt: skip


F = Ending
# Ten releases of one kind, none of which failed, each approved by people: a kind of change that could become a model.
_STATUS_PAGE = tuple(
    _normal(158 - 15 * number, "status", f"1.7.{number}", f"Status page: {words}", F.DONE, by="pipeline")
    for number, words in enumerate(
        (
            "say which shops are open", "times in the reader's zone", "a word for slow", "a page for each service",
            "what was broken last month", "larger letters", "a line for planned work", "feeds for readers",
            "fewer pictures", "say when it was looked at",
        )
    )
)  # fmt: skip
# fmt: off
SCENARIOS = (
    *_STATUS_PAGE,
    Scenario(165,   "payments",       "4.18.0", "Payments 4.18.0: clearer refund states", F.DONE),
    Scenario(160,   "storefront",     "72.0",   "Storefront 72.0: new product page", F.DONE),
    _normal(155, "storefront",     "72.1",   "Cache product pages for signed-in customers", F.DONE, reviewed=True),
    Scenario(147,   "image-cdn-east", "2.4.0",  "Image delivery 2.4.0: AVIF for phones", F.DONE),
    _normal(143, "checkout",       "31.2",   "Show delivery dates before payment", F.DONE),
    Scenario(137,   "accounts",       "9.6.0",  "Accounts 9.6.0: passkeys", F.DONE),
    _normal(133, "data-platform",  "118",    "Split orders by month", F.ISSUES, by="pipeline", migration=True),
    _normal(130, "data-platform",  "118.1",  "Delete reports older than a year", F.DECLINED, by="pipeline",
            migration=True),
    Scenario(126,   "payments",       "4.18.1", "Payments 4.18.1: retries with jitter", F.DONE),
    Scenario(121,   "search",         "15.0",   "Search 15.0: spelling in five languages", F.DONE),
    Scenario(115,   "catalogue",      "48.3",   "Catalogue 48.3: bundles", F.DONE),
    _normal(105, "payments",       "4.19.0", "Move wallets to the new ledger", F.FAILED, migration=True),
    Scenario(98,    "image-cdn-west", "2.4.0",  "Image delivery 2.4.0: AVIF for phones", F.CANCELLED),
    Scenario(92,    "storefront",     "73.0",   "Storefront 73.0: wish lists", F.DONE),
    Scenario(84,    "warehouse",      "6.1",    "Warehouse 6.1: fewer steps per pick", F.DONE),
    _normal(77,  "storefront",     "73.1",   "Load fonts from our own site", F.DONE, reviewed=True),
    Scenario(71,    "catalogue",      "48.4",   "Catalogue 48.4: prices per country", F.DONE),
    Scenario(66,    "payments",       "4.19.1", "Payments 4.19.1: bank codes in messages", F.DONE),
    Scenario(59,    "notifications",  "3.9",    "Notifications 3.9: quiet hours", F.CANCELLED),
    Scenario(53,    "search",         "15.1",   "Search 15.1: faster suggestions", F.DONE),
    _normal(49,  "accounts",       "9.7.0",  "Shorten sessions to one hour", F.DECLINED),
    Scenario(44,    "checkout",       "31.3",   "Checkout 31.3: gift wrapping", F.DONE),
    Scenario(40,    "data-platform",  "119",    "Data platform 119: weekly figures earlier", F.DONE),
    Scenario(36,    "storefront",     "74.0",   "Storefront 74.0: faster start page", F.DONE),
    _normal(28,  "catalogue",      "48.5",   "Read stock from the replica", F.DONE, reviewed=True),
    Scenario(20,    "notifications",  "3.9.1",  "Replace the mail library with the leak", F.FAILED, "normal",
          "engineer", purpose="security_fix", finding="CVE-2026-18231"),
    Scenario(14,    "image-cdn-east", "2.4.1",  "Image delivery 2.4.1: smaller previews", F.DONE),
    Scenario(9,     "payments",       "4.20.0", "Payments 4.20.0: refunds in parts", F.DONE),
    Scenario(6,     "storefront",     "74.1",   "Storefront 74.1: clearer prices", F.DONE),
    _normal(4,   "notifications",  "4.0",    "Queue messages per customer", F.WAITING),
    _normal(3.2, "status",         "1.8",    "Show planned maintenance on the status page", F.WAITING),
    _normal(2.6, "accounts",       "9.8.0",  "Renew the certificates of sign-in", F.APPROVED, window_days=4),
    _normal(2.2, "data-platform",  "120",    "Drop the old orders table", F.WAITING, by="pipeline", migration=True),
    Scenario(1.9,   "image-cdn-west", "2.4.1",  "Image delivery 2.4.1: smaller previews", F.WAITING),
    _normal(1.7, "warehouse",      "6.2",    "Book returns at the door", F.WAITING),
    _normal(1.5, "checkout",       "31.4",   "Offer invoices to companies", F.WAITING, by="pipeline"),
    _normal(1.3, "storefront",     "74.2",   "Keep the basket across devices", F.REVIEWING, reviewed=True),
    _normal(1.2, "warehouse",      "6.3",    "Weigh parcels at the dock", F.ON_HOLD),
    _normal(1.1, "search",         "15.2",   "Rank by what sells", F.WAITING),
    Scenario(0.9,   "notifications",  "3.9.2",  "Notifications 3.9.2: fewer duplicates", F.WAITING),
    _normal(0.8, "payments",       "4.21.0", "Store bank answers for a year", F.WAITING, migration=True),
    _normal(0.5, "image-cdn-east", "2.5.0",  "Serve pictures over HTTP/3", F.RUNNING),
    Scenario(0.3,   "catalogue",      "48.6",   "Catalogue 48.6: shorter names on phones", F.WAITING),
)
# fmt: on
