"""What Larkspur tells everybody, and what people said of what was done for them."""

from datetime import datetime, timedelta

from itsm.announcements import operations as announcements
from itsm.announcements.models import Announcement
from itsm.home.demo.founding import Company
from itsm.satisfaction import operations as satisfaction
from itsm.satisfaction.models import Survey

_SAID = ("good", "good", "fair", "good", "bad")  # of each five whom somebody answered for
_WORDS = {"bad": "It took a week, and I was asked the same thing twice.", "fair": "Fine in the end."}


def announce(company: Company, at: datetime) -> int:
    """News that hold for a month, and work that is announced for the next days. How many."""
    desk = company.actors["agent"]
    announcements.publish(
        actor=desk, title="New laptops can be ordered", starts_at=at - timedelta(days=2),
        ends_at=at + timedelta(days=28), service=company.services["workplace"],
        body="Those of the year before last are replaced first. Say what you need; your manager approves it.",
    )  # fmt: skip
    announcements.publish(
        actor=desk, title="Wireless network is renewed floor by floor", starts_at=at + timedelta(days=3),
        ends_at=at + timedelta(days=3, hours=4), kind_of=Announcement.Kind.MAINTENANCE,
        service=company.services["workplace"],
        body="The network of a floor is away for ten minutes at a time. Calls over it end.",
    )  # fmt: skip
    return 2


def hear(at: datetime) -> int:
    """Two of three whom somebody asked have answered. How many."""
    asked = list(Survey.objects.filter(asked_at__lt=at - timedelta(hours=3)).order_by("pk"))
    answered = [one for place, one in enumerate(asked) if place % 3]
    for place, one in enumerate(answered):
        said = satisfaction.answer(one, score=_SAID[place % len(_SAID)], at=one.asked_at + timedelta(hours=2))
        if (words := _WORDS.get(said.score)) is not None and place % 2 == 0:
            satisfaction.comment(said, text=words, at=one.asked_at + timedelta(hours=2))
    return len(answered)
