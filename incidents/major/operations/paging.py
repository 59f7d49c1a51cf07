"""How a war room wakes people: by pages about its incident, beside any escalation."""

from collections.abc import Collection
from datetime import datetime

from incidents.incident.models import Incident
from incidents.major.models import Major
from itsm.paging import operations as paging
from itsm.paging.vocabulary import Urgency


def page_people(people: Collection[int], major: Major, *, title: str, why: str, at: datetime) -> None:
    """Page these people at once, in the caller's transaction; who has left is not paged. Raises nothing."""
    if people:
        paging.page_people(
            people, subject_kind=Incident.kind, subject_id=major.incident_id, title=title,
            path=major.get_absolute_url(), team_id=major.incident.team.pk, urgency=Urgency.HIGH, at=at, why=why,
        )  # fmt: skip
