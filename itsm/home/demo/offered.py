"""What Larkspur's services offer to people, what is promised for it, and what stands behind that."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from catalog.agreements import operations
from itsm.accounts.models import Team
from itsm.home.demo.company import FOUNDER

if TYPE_CHECKING:
    from catalog.models import Service


class Offer(NamedTuple):
    """`is_device`: it is promised as devices are; `team`: only its people may ask for it."""

    service: str
    name: str
    about: str
    is_device: bool = False
    team: str = ""


OFFERS = (
    Offer("workplace", "Laptop or phone", "A device for your work, or another for a broken one.", is_device=True),
    Offer("workplace", "Shared mailbox", "One address that several people read and answer."),
    Offer("workplace", "Badge for a door", "Tell us the door and until when you need it."),
    Offer("storefront", "Page for a campaign", "Text and pictures for a page of the shop, live on the day you say."),
    Offer("payments", "Refund by hand", "For orders that the shop cannot refund by itself.", team="payments"),
    Offer("data-platform", "Figure in the nightly report", "A new column or a new report from the warehouse of data."),
)


def offer(services: "Mapping[str, Service]", at: datetime) -> int:
    """Agreements first, then what names them; what stands behind one of them takes too long. How many offerings."""
    since = at - timedelta(weeks=11)
    devices = operations.create_agreement(
        actor=FOUNDER, at=since, name="Devices", service=services["workplace"], party="Everybody at Larkspur",
        targets={"first_response": "4 h", "resolve": "16 h", "fulfil": "40 h"},
    )  # fmt: skip
    operations.create_agreement(
        actor=FOUNDER, at=since, name="Checkout, critical", targets={"first_response": 15, "resolve": 60},
        service=services["checkout"], priority=1, availability=Decimal("0.999"), party="Shop managers",
    )  # fmt: skip
    _stand_behind(services, since)
    made = {}
    for one in OFFERS:
        team = Team.objects.get(slug=one.team) if one.team else None
        made[one.name] = operations.create_offering(
            actor=FOUNDER, service=services[one.service], name=one.name, description=one.about,
            audience=[f"team:{team.pk}"] if team else None, agreement=devices if one.is_device else None,
        )  # fmt: skip
    operations.create_agreement(
        actor=FOUNDER, at=since, name="Mailboxes", offering=made["Shared mailbox"], party="Everybody at Larkspur",
        targets={"first_response": "2 h", "resolve": "8 h", "fulfil": "8 h"},
        valid_from=since, valid_until=since + timedelta(days=365),
    )  # fmt: skip
    return len(OFFERS)


def _stand_behind(services: "Mapping[str, Service]", since: datetime) -> None:
    """Platform fits out in 24 hours what the lessor brings in 24: together more than the 40 that are promised."""
    platform = Team.objects.get(slug="platform")
    operations.create_agreement(
        actor=FOUNDER, at=since, name="Platform fits out devices", agreement_type="ola", team=platform,
        party="Platform", targets={"fulfil": "24 h"}, service=services["workplace"],
    )  # fmt: skip
    operations.create_agreement(
        actor=FOUNDER, at=since, name="Lessor brings devices", agreement_type="underpinning",
        party="Brightlease GmbH", targets={"fulfil": "24 h", "resolve": "8 h"}, service=services["workplace"],
    )  # fmt: skip
