"""Who works at Larkspur and what it runs: the cast of the house, teams, services. Data only."""

from dataclasses import dataclass

from itsm.accounts.demo_logins import FOUNDER as _FOUNDER
from itsm.kernel.actors import Actor, Door, Role

FOUNDER = Actor.system(_FOUNDER, Door.COMMAND)
TEAMS = {"storefront": "Storefront", "payments": "Payments", "platform": "Platform", "data": "Data and warehouse"}


@dataclass(frozen=True, slots=True)
class Person:
    """One log-in. Those who only read or decide across the house belong to no team. `owner`: of a program."""

    username: str
    name: str
    role: Role
    teams: tuple[str, ...] = ()
    account_type: str = "human"
    owner: str = ""


# Slug, name, what it lies in, time zone.
PLACES = (
    ("harbour-house", "Harbour House", "", "Europe/Berlin"),
    ("harbour-2", "Second floor", "harbour-house", ""),
    ("harbour-3", "Third floor", "harbour-house", ""),
    ("lisbon", "Lisbon", "", "Europe/Lisbon"),
)
SEATS = {
    "requester": "harbour-2", "agent": "harbour-2", "engineer": "harbour-3", "approver": "harbour-3",
    "manager": "harbour-3", "owner": "harbour-2", "auditor": "lisbon", "admin": "lisbon", "builder": "lisbon",
}  # fmt: skip
PEOPLE = (
    Person("requester", "Rosa Linden", Role.REQUESTER),
    Person("agent", "Remy Okafor", Role.AGENT),
    Person("engineer", "Ada Ferrer", Role.ENGINEER, ("payments", "storefront")),
    Person("approver", "Cato Abendroth", Role.APPROVER, ("payments", "platform")),
    Person("manager", "Mona Haddad", Role.MANAGER),
    Person("owner", "Otto Lindgren", Role.OWNER, tuple(TEAMS)),
    Person("auditor", "Vera Nowak", Role.AUDITOR),
    Person("admin", "Alma Brandt", Role.ADMIN),
    Person("builder", "Bela Fontaine", Role.ENGINEER, ("platform",)),
    # Programs, each owned by a person: one asks and deploys, one vouches for reviews, one measures.
    Person("pipeline", "Build pipeline", Role.ENGINEER, tuple(TEAMS), account_type="service", owner="builder"),
    Person("code-host", "Code host", Role.ENGINEER, account_type="service", owner="admin"),
    Person("monitoring", "Monitoring", Role.ENGINEER, account_type="service", owner="admin"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """A service. `on` are plain dependencies; of `any_of` one is enough. `seen_by`: its audience. People ask by name
    for what is `asked_for`: a business service."""

    slug: str
    name: str
    tier: int
    team: str
    about: str
    on: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    standard: bool = True
    seen_by: str = "all"
    asked_for: bool = False


# Providers before those who depend on them.
SERVICES = (
    Run("image-cdn-east", "Image delivery east", 3, "platform", "Product pictures, eastern site.", seen_by="staff"),
    Run("image-cdn-west", "Image delivery west", 3, "platform", "Product pictures, western site.", seen_by="staff"),
    Run("accounts", "Accounts and sign-in", 1, "platform", "Customers' accounts, sign-in and consent."),
    Run("catalogue", "Catalogue", 2, "storefront", "Products, prices and stock as the shop shows them."),
    Run("search", "Search", 2, "storefront", "Finds products while customers type.", on=("catalogue",)),
    Run(
        "storefront", "Storefront", 1, "storefront", "The shop's pages.",
        on=("search", "catalogue", "accounts"), any_of=("image-cdn-east", "image-cdn-west"), asked_for=True,
    ),
    Run("payments", "Payments", 1, "payments", "Cards, wallets and refunds."),
    Run(
        "checkout", "Checkout", 1, "payments", "Basket to paid order.", on=("payments", "accounts", "catalogue")
    ),
    Run("notifications", "Notifications", 3, "platform", "Mails and texts to customers.", on=("accounts",)),
    Run("warehouse", "Warehouse", 3, "data", "Picking, packing and stock counts.", on=("checkout",)),
    Run(
        "data-platform", "Data platform", 4, "data", "Nightly figures and reports; nothing measures it yet.",
        on=("warehouse",), seen_by="staff",
    ),
    Run(
        "workplace", "Workplace", 3, "platform", "Laptops, phones, mailboxes and badges for everybody at Larkspur.",
        standard=False, asked_for=True,
    ),
    Run("status", "Status page", 4, "platform", "Tells customers what is broken. Few visit it.", standard=False),
)  # fmt: skip
