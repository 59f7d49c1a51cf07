"""Who is called at night at Larkspur: two policies, the last resort, routes, and a page that was answered."""

from datetime import datetime, timedelta

from incidents.escalation import operations as routes
from incidents.incident.queries import listed
from itsm.accounts.models import Team
from itsm.audit.recording import telling_of
from itsm.home.demo.company import FOUNDER
from itsm.home.demo.founding import Company
from itsm.notifications.models import Delivery
from itsm.oncall.models import Schedule
from itsm.paging import operations
from itsm.paging.models import AttemptOutcome, ContactPoint, EscalationPolicy, Page, PageAttempt, PagingProvider
from itsm.paging.operations import calling, escalating, policies
from itsm.paging.operations.policies import NewStep, Target
from itsm.paging.queries import subjects
from itsm.paging.vocabulary import TargetKind, Which

_TEMPLATE = '{"to": "{to}", "text": "{text}", "id": "{id}"}'


def call(company: Company, at: datetime) -> int:
    """Policies, routes, and what they did in the last days. How many people were called.

    No gateway of Larkspur's is on: nothing leaves a desk that is only looked at.
    """
    _wake_nobody_for_what_is_told()
    people, actors = company.people, company.actors
    for position, name in enumerate(("Nordtext", "Second line SMS"), 1):
        PagingProvider.objects.create(
            name=name, channel="sms", position=position, url=f"https://sms{position}.larkspur.example/send",
            template=_TEMPLATE, reports=position == 1, off_at=at,
        )  # fmt: skip
    for number, username in enumerate(("engineer", "builder", "manager", "owner", "admin", "approver"), 10):
        ContactPoint.objects.create(
            person=people[username], channel="sms", address=f"+491555000{number}", name="Night phone", verified_at=at
        )
    teams = {one.slug: one for one in Team.objects.all()}
    admin = actors["admin"]
    last = policies.create(
        actor=admin, name="Last resort", team=teams["platform"], zone="Europe/Berlin", is_last_resort=True,
        steps=[_step(15, _person(company, "manager"), _person(company, "owner"))],
    )  # fmt: skip
    builders = policies.create(
        actor=admin, name="Payments builders", team=teams["payments"], zone="Europe/Berlin",
        steps=[
            _step(5, _on_call("payments")),
            _step(10, _person(company, "builder"), Target(TargetKind.OWNER)),
        ],
    )  # fmt: skip
    house = policies.create(
        actor=admin, name="Platform on call", team=teams["platform"], zone="Europe/Berlin",
        steps=[
            _step(5, _on_call("platform-nights"), _person(company, "builder")),
            _step(10, _person(company, "engineer")),
        ],
    )  # fmt: skip
    for policy in (last, builders, house):
        policies.go_live(policy, actor=admin, at=at)
    routes.add_route(actor=admin, policy=builders, team=teams["payments"], zone="Europe/Berlin")
    routes.add_route(actor=admin, policy=house, zone="Europe/Berlin")
    return sum(_answered(company, builders, at - timedelta(hours=hours)) for hours in (9, 33))


def _wake_nobody_for_what_is_told() -> None:
    """Larkspur's past was told before there were routes, and where none takes what presses its managers are paged: what
    nobody tried to send yet is for nobody."""
    early = list(Page.objects.filter(escalation=None, attempts=None).values_list("pk", flat=True))
    Delivery.objects.filter(channel=calling.CHANNEL, payload__page__in=early).delete()
    Page.objects.filter(pk__in=early).delete()


def _step(minutes: int, *targets: Target) -> NewStep:
    return NewStep(minutes * 60, targets)


def _on_call(slug: str) -> Target:
    return Target(TargetKind.SCHEDULE, schedule=Schedule.objects.get(slug=slug), which=Which.NOW)


def _person(company: Company, username: str) -> Target:
    return Target(TargetKind.PERSON, person=company.people[username])


def _answered(company: Company, policy: EscalationPolicy, at: datetime) -> int:
    """Who was on call was called for an incident that is over by now, did not answer, and the next one did."""
    found = listed(FOUNDER).filter(team__confidential=False, resolved_at__isnull=False, opened_at__lt=at)
    called = Page.objects.values("subject_id")
    incident = found.filter(service__isnull=False).exclude(pk__in=called).order_by("priority", "-opened_at").first()
    policy.refresh_from_db()
    if incident is None:
        return 0
    with telling_of(at):
        escalation = operations.begin(
            incident.kind, incident.pk, policy=policy, urgency="high", title=f"{incident.reference} {incident.title}",
            path=incident.get_absolute_url(), team_id=incident.team_id or 0, at=at, actor=FOUNDER,
        )  # fmt: skip
    over = subjects.subject_of(incident.kind)
    subjects.register(incident.kind, subjects.SubjectKind(is_over=lambda number: False))
    try:
        for minutes in (0, 5):
            with telling_of(at + timedelta(minutes=minutes)):
                escalating.step_when_due(escalation.pk, at + timedelta(minutes=minutes))
        with telling_of(at + timedelta(minutes=7)):
            operations.acknowledge(escalation, actor=company.actors["builder"], at=at + timedelta(minutes=7))
        with telling_of(at + timedelta(minutes=30)):
            operations.stop(incident.kind, incident.pk, "It was resolved.", at + timedelta(minutes=30))
    finally:
        subjects.register(incident.kind, over)
    pages = list(Page.objects.filter(escalation=escalation).order_by("pk"))
    for page in pages:
        _tried(page)
    return len(pages)


def _tried(page: Page) -> None:
    """By mail at once; who did not answer, two minutes later by a text message, whose first gateway was down."""
    _attempt(page, 1, "mail", page.person.email, page.begun_at, ok=True, ms=212, answer="accepted")
    if page.step == 1:
        first, second = PagingProvider.objects.order_by("position")
        later = page.begun_at + timedelta(minutes=2)
        _attempt(page, 2, "sms", "+49…010", later, ok=False, ms=8003, answer="503 busy", provider=first)
        _attempt(page, 3, "sms", "+49…010", later, ok=True, ms=341, answer="202 queued", provider=second)


def _attempt(
    page: Page, number: int, channel: str, address: str, at: datetime, *, ok: bool, ms: int, answer: str,
    provider: PagingProvider | None = None,
) -> None:  # fmt: skip
    begun = PageAttempt.objects.create(
        page=page,
        channel=channel,
        address=address,
        provider=provider,
        key=f"demo-{page.pk}",
        number=number,
        begun_at=at,
    )
    AttemptOutcome.objects.create(attempt=begun, at=at + timedelta(milliseconds=ms), ok=ok, ms=ms, answer=answer)
