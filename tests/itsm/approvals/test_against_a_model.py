"""Thousands of lives of plans against a model in plain words that shares no code with the engine.

The model keeps the words that were heard and works everything out anew from them after each event.
"""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from itsm.accounts.models import User
from itsm.approvals.models import ApprovalPlan, ApprovalRequest, Delegation
from itsm.approvals.plans import Part, Step, answer_plan, begin, withdraw_plan
from itsm.approvals.queries import waiting_for
from itsm.kernel.actors import Actor, Door, Kind, Role
from itsm.kernel.errors import InvalidInput, MissingInformation, NotPermitted, WrongState
from tests.slo.proving import IN_FULL

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(3600)]
BLOCKS, LIVES = (40, 50) if IN_FULL else (1, 12)
NOW = timezone.now()
HASH = "a" * 64


@dataclass
class Word:
    """Who said it, whose seat they used, to which part, yes or no."""

    who: int
    seat: int
    part: str
    yes: bool


@dataclass
class Model:
    """`steps`: [(rule, {part: (people, quorum)})]; `deputies`: (person, deputy) pairs in the order they were named."""

    steps: list
    out: set
    words: list = field(default_factory=list)
    deputies: list = field(default_factory=list)
    gone: set = field(default_factory=set)
    withdrawn: bool = False

    def yes_to(self, part):
        return len({w.seat for w in self.words if w.part == part and w.yes})

    def met(self, part, people, quorum):
        return self.yes_to(part) >= quorum

    def passed(self, rule, parts):
        met = [self.met(name, *rest) for name, rest in parts.items()]
        return all(met) if rule == "all" else any(met)

    def is_declined(self):
        return any(not w.yes for w in self.words)

    def here(self):
        """The index of the step that is asked, None where it is over."""
        if self.withdrawn or self.is_declined():
            return None
        return next((n for n, step in enumerate(self.steps) if not self.passed(*step)), None)

    def status(self):
        if self.is_declined():
            return "declined"
        if self.withdrawn:
            return "withdrawn"
        return "open" if self.here() is not None else "approved"

    def open_parts(self):
        at = self.here()
        if at is None:
            return {}
        return {name: rest for name, rest in self.steps[at][1].items() if not self.met(name, *rest)}

    def is_out(self, who):
        return who in self.out or any(
            deputy == who and person in self.out - self.gone for person, deputy in self.deputies
        )

    def seat(self, who, part, people):
        """Whose place this person would speak in there; None for nobody's."""
        if who in people - self.out:
            return who
        places = [
            person for person, deputy in self.deputies
            if deputy == who and person in people - self.out and person not in self.gone
        ]  # fmt: skip
        heard = {w.seat for w in self.words if w.part == part}
        return next((one for one in places if one not in heard), places[0] if places else None)

    def may_speak(self, who):
        """The open parts in which this person has a voice that was not heard, and whether they have any voice."""
        voice, fresh = False, {}
        for part, (people, _quorum) in self.open_parts().items():
            seat = self.seat(who, part, people)
            if seat is not None:
                voice = True
                heard = [w for w in self.words if w.part == part and (w.who == who or w.seat == seat)]
                if not heard:
                    fresh[part] = seat
        return voice, fresh

    def say(self, who, yes, reason, content):
        """What becomes of it: the status afterwards, or the error that refuses it."""
        if not self.open_parts():
            return WrongState
        voice, fresh = self.may_speak(who)
        if self.is_out(who) or not voice:
            return NotPermitted
        if content != HASH:
            return WrongState
        if not yes and not reason:
            return MissingInformation
        if not fresh:
            return WrongState
        self.words += [Word(who, seat, part, yes) for part, seat in fresh.items()]
        return self.status()

    def waiting(self, everybody):
        return {who for who in everybody - self.gone if not self.is_out(who) and self.may_speak(who)[1]}


@pytest.fixture
def people(person):
    return [
        person(role, username=f"p{n}").pk
        for n, role in enumerate(("requester", "approver", "engineer", "admin", "manager", "requester"))
    ]


@pytest.fixture
def record():
    return SimpleNamespace(kind="request_item", pk=7, reference="REQ-00007.1", get_absolute_url=lambda: "/there/")


def a_plan(chance, people):
    """Random steps that could be taken to their end by people who are not out."""
    out = set(chance.sample(people, chance.choice((1, 1, 2))))
    able = [one for one in people if one not in out]
    steps = []
    for step in range(chance.choice((1, 1, 2, 3))):
        parts = {}
        for part in range(chance.choice((1, 1, 2, 3))):
            named = set(chance.sample(able, chance.randint(1, len(able))))
            quorum = chance.randint(1, min(3, len(named)))
            parts[f"{step}.{part}"] = (named | set(chance.sample(sorted(out), chance.randint(0, 1))), quorum)
        steps.append((chance.choice(("all", "any")), parts))
    return steps, out


def actor(number):
    one = User.objects.get(pk=number)
    return Actor(
        id=one.pk, name=one.username, kind=Kind.HUMAN, roles=frozenset(map(Role, one.roles)), teams=frozenset(), via=Door.WEB
    )  # fmt: skip


def an_event(chance, model, people, record):
    """One event happens to both. Returns what each of them says of it."""
    what = chance.random()
    who = chance.choice([one for one in people if one not in model.gone])
    if what < 0.7:
        yes, reason = chance.random() < 0.93, chance.choice(("because", "because", "because", ""))
        content = HASH if chance.random() < 0.95 else "b" * 64
        return model.say(who, yes, reason, content), answered(record, who, yes, reason, content)
    if what < 0.85:
        deputy(chance, model, people, who)
    elif what < 0.92:
        model.gone ^= {who}
        model.deputies = [pair for pair in model.deputies if who not in pair]  # whoever leaves ends them
        Delegation.objects.filter(Q(person=who) | Q(delegate=who), ended_at=None).update(ended_at=NOW)
        User.objects.filter(pk=who).update(is_active=False)
    elif what < 0.96 and model.gone:
        back = chance.choice(sorted(model.gone))
        model.gone ^= {back}
        User.objects.filter(pk=back).update(is_active=True)
    elif what > 0.98:
        was = model.status() == "open"
        model.withdrawn = model.withdrawn or was
        return was, withdraw_plan(record, NOW, "cancelled")
    return None, None


def answered(record, who, yes, reason, content):
    try:
        with transaction.atomic():
            return str(
                answer_plan(
                    record, actor=actor(who), decision="approve" if yes else "decline", comment=reason,
                    content_hash=content, at=timezone.now(),
                )
            )  # fmt: skip
    except (NotPermitted, WrongState, MissingInformation, InvalidInput) as refused:
        return type(refused)


def deputy(chance, model, people, who):
    """Named, or, where they have one, ended."""
    mine = [pair for pair in model.deputies if pair[0] == who]
    if mine:
        model.deputies.remove(mine[0])
        Delegation.objects.filter(person=who, ended_at=None).update(ended_at=NOW)
        return
    other = chance.choice([one for one in people if one != who])
    if (other, who) in model.deputies:
        return  # never in each other's place
    model.deputies.append((who, other))
    Delegation.objects.create(
        person_id=who, delegate_id=other, starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(days=1),
        record_kind=chance.choice(("", "request_item")), made_at=NOW,
    )  # fmt: skip


def state(record):
    plan = ApprovalPlan.objects.get(record_id=record.pk)
    asks = ApprovalRequest.objects.filter(plan=plan)
    return plan.status, {ask.part for ask in asks if ask.status == "open"}


@pytest.mark.heavy
@pytest.mark.parametrize("block", range(BLOCKS))
def test_plans_live_as_the_model_says(people, record, block):
    counted = {"approved": 0, "declined": 0, "withdrawn": 0, "open": 0}
    for life in range(block * LIVES, (block + 1) * LIVES):
        chance = random.Random(life)
        try:
            with transaction.atomic():
                counted[live(chance, people, record, life)] += 1
                raise Undone
        except Undone:
            pass
    assert not IN_FULL or all(counted[end] for end in ("approved", "declined")), counted  # both ends were met


class Undone(Exception):
    pass


def live(chance, people, record, life):
    steps, out = a_plan(chance, people)
    model = Model(steps, out)
    begin(
        record,
        [Step(tuple(Part(name, frozenset(who), n, name) for name, (who, n) in parts.items()), rule) for rule, parts in steps],
        content_hash=HASH, excluded=sorted(out), at=NOW, due_at=None, subject="Decide",
    )  # fmt: skip
    for turn in range(chance.randint(4, 16)):
        expected, came = an_event(chance, model, people, record)
        where = f"life {life}, event {turn}"
        assert came == expected, where
        assert state(record) == (model.status(), set(model.open_parts())), where
        if turn % 4 == 0:
            waits = {one for one in people if one not in model.gone and waiting_for(actor(one)).exists()}
            assert waits == model.waiting({*people}), where
    return model.status()
