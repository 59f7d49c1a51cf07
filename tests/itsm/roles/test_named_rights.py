"""Named rights as functions: what each lends, what it never lends, and that several together surprise nobody."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.apps import apps

from incidents.incident import permissions as incident_rules
from itsm.accounts.named_rights import built_in_holders, named_right, named_rights, rights_held, with_included
from itsm.accounts.permissions import administrators, colleagues, participants, people_keepers
from itsm.accounts.queues import QueueRights
from itsm.kernel.actors import Actor, Kind, Role
from tests.together import each_of

RIGHTS = sorted(named_rights())
BARE = Actor(id=1, name="Bo", kind=Kind.HUMAN, roles=frozenset({Role.REQUESTER}), memo={})


def holder(*names: str, of: Actor = BARE) -> Actor:
    """Somebody who asks, with these rights, and no queue."""
    rights = with_included(frozenset(names))
    return replace(of, rights=rights, memo={("queues", of.id, of.roles, rights): QueueRights()})


@each_of("name", RIGHTS)
def test_each_right_does_something_that_a_requester_may_not(name: str) -> None:
    right = named_rights()[name]
    assert built_in_holders(right), "some built-in role may the same"
    assert Role.REQUESTER not in built_in_holders(right)
    assert right.lends in built_in_holders(right)
    assert right.includes <= set(RIGHTS)


@each_of("name", RIGHTS)
def test_no_right_makes_an_administrator_or_a_second_person(name: str) -> None:
    from changes.change import permissions as change_rules
    from itsm.approvals.permissions import second_persons

    actor = holder(name)
    assert not administrators(actor)
    assert not people_keepers(actor)
    confirmation = SimpleNamespace(excluded=[], roles=["manager", "owner", "admin"], team_id=None)
    assert not second_persons(actor, confirmation)
    nobodys = SimpleNamespace(pk=99, owner_id=None)
    change = SimpleNamespace(
        requested_by=nobodys, author=nobodys, author_id=99, requested_by_id=99, implementer=None, implementer_id=None,
        pk=None, service=SimpleNamespace(team_id=None),
    )  # fmt: skip
    assert not change_rules.authorities(actor, change)
    assert not change_rules.override_authorities(actor, change)
    assert not change_rules.ecab(actor, change)


def test_a_right_works_where_its_queue_lets_it_and_four_eyes_hold() -> None:
    actor = holder("incidents.respond")
    theirs = SimpleNamespace(team_id=5, caller_id=1, opened_by_id=1)
    others = SimpleNamespace(team_id=5, caller_id=2, opened_by_id=2)
    assert incident_rules.responders(actor)
    assert not incident_rules.workers(actor, others)
    in_queue = replace(actor, memo={("queues", 1, actor.roles, actor.rights): QueueRights(change=frozenset({5}))})
    assert incident_rules.workers(in_queue, others)
    assert incident_rules.confirmers(in_queue, others)
    assert not incident_rules.confirmers(in_queue, theirs)
    assert not incident_rules.confirmers(replace(in_queue, kind=Kind.SERVICE), others)


def test_the_loan_ends_at_the_next_named_predicate(monkeypatch: pytest.MonkeyPatch) -> None:
    from itsm.accounts import named_rights as registry

    monkeypatch.setattr(registry, "_known", dict(registry._known))

    @named_right("test.inner", "inner", lends=Role.AUDITOR)
    def inner(actor: Actor) -> bool:
        return actor.has(Role.MANAGER)

    @named_right("test.outer", "outer", lends=Role.MANAGER)
    def outer(actor: Actor) -> bool:
        return actor.has(Role.MANAGER) and inner(actor)

    assert not outer(holder("test.outer"))
    assert outer(replace(BARE, roles=frozenset({Role.MANAGER})))


def test_who_is_here_to_read_only_stays_so() -> None:
    assert rights_held(["auditor"], RIGHTS) == frozenset()
    assert rights_held(["auditor", "requester"], ["incidents.respond"]) == {"incidents.respond", "desk.work"}
    assert rights_held([], ["no.such", "items.keep_any"]) == {"items.keep_any", "items.keep", "desk.work"}


def test_work_here_is_what_every_right_brings() -> None:
    assert not colleagues(BARE)
    assert participants(BARE)
    for name in RIGHTS:
        assert colleagues(holder(name)), name


def test_lent_words_open_no_queue_and_no_second_role() -> None:
    actor = replace(BARE, lent=frozenset({Role.MANAGER}))
    assert actor.has(Role.MANAGER)
    assert actor.roles == {Role.REQUESTER}
    assert not actor.as_role(Role.REQUESTER).rights
    assert apps.ready
