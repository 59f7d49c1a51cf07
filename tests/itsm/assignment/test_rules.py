"""Assignment rules: their order, what they fill and override, whose turn it is, and what they say of it."""

from typing import Any

import pytest
from django.db import transaction

from incidents.incident import operations as incidents
from incidents.models import Category, Incident
from itsm.accounts import operations as accounts
from itsm.accounts.models import Membership, Team, User
from itsm.assignment import operations, queries
from itsm.assignment.models import Routing, Rule, Turn
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.work.models import Task, Watcher
from tests.factories.slo import a_service
from tests.itsm.rivals import rivals
from tests.slo import proving
from tests.together import each_of

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


def a_queue(slug: str, *members: User, confidential: bool = False) -> Team:
    team = Team.objects.create(slug=slug, name=slug.title(), takes_work=True, confidential=confidential)
    Membership.objects.bulk_create(Membership(user=one, team=team, lead=n == 0) for n, one in enumerate(members))
    return team


def a_rule(name: str, **said: Any) -> Rule:
    return operations.create_rule(actor=SYSTEM, name=name, **said)


def opened(title: str = "Printer", **said: Any) -> Incident:
    made = incidents.open_incident(actor=said.pop("actor", SYSTEM), title=title, **said)
    made.refresh_from_db()
    return made


def trace_of(incident: Incident, actor: Actor = SYSTEM) -> list[tuple[int, str, bool, str]]:
    newest = queries.routings_of(incident)[0]
    return [
        (step.place, step.name, step.held, "; ".join(step.did if step.held else step.missed))
        for step in queries.steps(actor, "incident", newest.trace)
    ]


@pytest.fixture
def ada(person: Any) -> User:
    return person("agent", username="ada")


@pytest.fixture
def ben(person: Any) -> User:
    return person("agent", username="ben")


@pytest.fixture
def network(ada: User, ben: User) -> Team:
    return a_queue("network", ada, ben)


class TestTheOrder:
    def test_the_first_that_matches_decides_and_additions_of_all_that_match_apply(
        self, network: Team, ada: User, ben: User
    ) -> None:
        mail, other = a_queue("mail"), a_queue("other")
        a_rule("Calls", filter="channel=phone", team=other)
        a_rule("Printers", filter="text=printer", team=network, checklist=["Look at the paper"])
        a_rule("Grave", filter="priority=1,2", team=mail, watchers=[ben], checklist=["Call the lead"])
        made = opened(priority=1, channel="mail")
        assert made.team == network
        assert [one.user for one in Watcher.objects.filter(record_kind="incident", record_id=made.pk)] == [ben]
        assert list(Task.objects.filter(record_id=made.pk).values_list("title", flat=True)) == [
            "Look at the paper", "Call the lead",
        ]  # fmt: skip
        assert trace_of(made) == [
            (1, "Calls", False, "channel is phone"),
            (2, "Printers", True, "queue Network; task: Look at the paper"),
            (3, "Grave", True, "ben follows it; task: Call the lead"),
        ]

    def test_another_order_decides_otherwise(self, network: Team) -> None:
        mail = a_queue("mail")
        a_rule("One", team=network)
        second = a_rule("Two", team=mail)
        operations.move_rule(second, actor=SYSTEM, to=1)
        assert opened().team == mail
        assert list(Rule.objects.values_list("name", "position")) == [("Two", 1), ("One", 2)]

    def test_a_rule_that_is_off_says_nothing(self, network: Team) -> None:
        a_rule("One", team=network, active=False)
        made = opened()
        assert made.team.triage
        assert not Routing.objects.exists()

    @pytest.mark.parametrize(
        ("said", "missed"),
        [
            ("service=vpn&priority=1", "service is vpn; priority is 1"),
            ("not.channel=api,phone", "channel is not api or phone"),
            ("priority=..3", "priority is ..3"),
        ],
    )
    def test_the_trace_names_the_terms_that_do_not_hold(self, said: str, missed: str, network: Team) -> None:
        a_service(slug="vpn")
        a_rule("Four", filter=said, team=network)
        made = opened(priority=4, channel="phone")
        assert trace_of(made) == [(1, "Four", False, missed)]

    def test_what_a_filter_names_and_is_gone_matches_nothing_and_says_so(self, network: Team) -> None:
        Category.objects.create(name="Paper", path="Paper")
        a_rule("Paper", filter="category=Paper", team=network)
        Category.objects.all().delete()
        made = opened()
        assert made.team.triage
        assert "There is no “Paper”" in trace_of(made)[0][3]


class TestBlanksAndOverride:
    def test_a_queue_and_a_person_that_somebody_chose_stay(self, network: Team, agent: User, as_actor: Any) -> None:
        mail = a_queue("mail", agent)
        a_rule("All", team=network)
        made = opened(actor=as_actor(agent), team=mail)
        assert made.team == mail
        assert trace_of(made)[0][3] == "somebody chose another queue: left there"

    def test_override_takes_what_somebody_chose(self, network: Team, agent: User, as_actor: Any) -> None:
        mail = a_queue("mail", agent)
        a_rule("All", team=network, override=True)
        assert opened(actor=as_actor(agent), team=mail).team == network

    def test_the_queue_of_the_service_is_nobodys_choice(self, network: Team, payments: Team) -> None:
        payments.takes_work = True
        payments.save()
        checkout = a_service(slug="checkout", team=payments)
        assert opened(service=checkout).team == payments
        a_rule("All", team=network)
        assert opened(service=checkout).team == network

    def test_no_edit_asks_the_rules_and_route_again_does(self, network: Team, ada: User, as_actor: Any) -> None:
        made = opened()
        a_rule("Printers", filter="text=printer", team=network, assign="person", person=ada)
        incidents.edit(made, actor=SYSTEM, version=made.version, title="Printer on fire")
        made.refresh_from_db()
        assert made.team.triage
        incidents.route_again(made, actor=SYSTEM)
        made.refresh_from_db()
        assert (made.team, made.assigned_to, made.reassigned) == (network, ada, 1)
        incidents.route_again(made, actor=SYSTEM)
        assert trace_of(made)[0][3] == "queue Network; somebody has it: left with them"

    def test_who_may_not_work_in_the_other_queue_lets_go_and_its_people_get_it(
        self, network: Team, ada: User, agent: User
    ) -> None:
        mail = a_queue("mail", agent)
        made = opened(team=mail)
        incidents.edit(made, actor=SYSTEM, version=made.version, assigned_to=agent)
        rule = a_rule("All", team=network, override=True)
        tried = queries.tried(SYSTEM, "incident")[0]
        assert (tried.outcome.team, tried.person) == (network, None)
        operations.edit_rule(rule, actor=SYSTEM, version=1, assign="person", person=ada, override=True)
        assert queries.tried(SYSTEM, "incident")[0].person == ada
        assert incidents.route_again(made, actor=SYSTEM).assigned_to == ada

    def test_what_is_over_is_not_routed_again(self, network: Team) -> None:
        made = opened()
        incidents.cancel(made, actor=SYSTEM, cancel_code="withdrawn", reason="Gone")
        with pytest.raises(WrongState):
            incidents.route_again(made, actor=SYSTEM)

    def test_a_second_routing_adds_no_task_twice(self, network: Team) -> None:
        a_rule("All", team=network, checklist=["Look"])
        made = opened()
        incidents.route_again(made, actor=SYSTEM)
        assert Task.objects.filter(record_id=made.pk).count() == 1

    def test_the_history_names_who_asked_and_the_trace_is_never_rewritten(self, network: Team) -> None:
        a_rule("All", team=network)
        opened()
        with pytest.raises(Exception, match="only grows"), transaction.atomic():
            Routing.objects.update(why="again")


class TestWhoGetsIt:
    def test_everybody_in_turn(self, network: Team, ada: User, ben: User, person: Any) -> None:
        a_rule("Turns", team=network, assign="round_robin")
        assert [opened().assigned_to for _n in range(3)] == [ada, ben, ada]
        person("agent", network, username="cy")
        assert [str(opened().assigned_to) for _n in range(3)] == ["ben", "cy", "ada"]

    def test_who_has_left_and_who_only_reads_get_nothing(
        self, network: Team, ada: User, ben: User, auditor: User, as_actor: Any
    ) -> None:
        Membership.objects.create(user=auditor, team=network)
        a_rule("Turns", team=network, assign="round_robin")
        accounts.deactivate(ada, actor=SYSTEM, successor=None)
        assert [opened().assigned_to for _n in range(2)] == [ben, ben]

    def test_who_has_least_open_work(self, network: Team, ada: User, ben: User) -> None:
        a_rule("Least", team=network, assign="least_open")
        first = opened()
        assert [first.assigned_to, opened().assigned_to, opened().assigned_to] == [ada, ben, ada]
        incidents.cancel(first, actor=SYSTEM, cancel_code="withdrawn", reason="Gone")
        opened()
        assert Incident.objects.filter(assigned_to=ada).still_open().count() == 2

    def test_one_who_may_work_there_no_more_is_given_nothing(self, network: Team, ada: User) -> None:
        a_rule("Ada", team=network, assign="person", person=ada)
        Membership.objects.filter(user=ada).delete()
        made = opened()
        assert (made.team, made.assigned_to) == (network, None)
        assert trace_of(made)[0][3] == "queue Network; nobody who may work there: given to nobody"

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("assign", ["round_robin", "least_open"])
    def test_two_at_once_are_never_both_given_to_the_same_person(self, assign: str, person: Any) -> None:
        team = a_queue("network", person("agent", username="ada"), person("agent", username="ben"))
        rule = a_rule("Turns", team=team, assign=assign)
        Turn.objects.create(rule=rule)
        with rivals() as begin:
            with transaction.atomic():
                mine = opened()
                other = begin(lambda: opened("Scanner").assigned_to)
                assert other.waits()
            assert {str(mine.assigned_to), str(other.result())} == {"ada", "ben"}


class TestSecrets:
    @pytest.fixture
    def hilda(self, person: Any) -> User:
        return person("agent", username="hilda")

    @pytest.fixture
    def staff(self, hilda: User) -> Team:
        return a_queue("staff", hilda, confidential=True)

    def test_a_rule_of_a_hidden_queue_is_in_no_list_trace_or_dry_run(
        self, staff: Team, network: Team, hilda: User, admin: User, as_actor: Any, api: Any, web: Any
    ) -> None:
        parent = opened("Pay", team=staff)
        hidden = a_rule("Payroll words", filter="text=letter", team=staff)
        a_rule("Child of pay", filter=f"parent={parent.reference}", team=network)
        a_rule("Not staff", filter="not.team=staff", watchers=[hilda])
        a_rule("All", team=network)
        made = opened("Printer")
        outsider, insider = as_actor(admin), as_actor(hilda)
        assert [one[:2] for one in trace_of(made, outsider)] == [(1, "All")]
        assert len(trace_of(made, insider)) == 4
        assert [rule.name for rule in queries.rules(outsider)] == ["All"]
        texts = [
            str(api(admin).get("/api/v1/rules/").json()),
            str(api(admin).get(f"/api/v1/incidents/{made.reference}/routing/").json()),
            str(api(admin).post("/api/v1/rules/dry-run/", {}, format="json").json()),
            str(api(admin).post("/api/v1/rules/dry-run/", {"values": {"title": "A letter"}}, format="json").json()),
            web(admin).get("/rules/").content.decode(),
            web(admin).get(f"/incidents/{made.reference}/routing/").content.decode(),
            web(admin).get("/rules/dry-run/?query=state%3Dopen").content.decode(),
            web(admin).get("/rules/dry-run/?title=A+letter").content.decode(),
        ]
        for text in texts:
            assert not [word for word in ("Payroll", "Child of pay", "Not staff", "Staff", "hilda") if word in text]
        assert api(admin).get(f"/api/v1/rules/{hidden.pk}/").status_code == 404
        assert web(admin).get(f"/rules/{hidden.pk}/").status_code == 404

    @pytest.mark.parametrize("by", ["lead", "administrator"])
    def test_a_rule_brings_nothing_from_a_confidential_queue_into_the_open(
        self, by: str, staff: Team, network: Team, ada: User, admin: User, as_actor: Any
    ) -> None:
        pay = Category.objects.create(name="Pay", path="Pay", team=staff)
        maker, override = (as_actor(ada), False) if by == "lead" else (as_actor(admin), True)
        operations.create_rule(actor=maker, name="All to us", team=network, override=override)
        made = opened("My salary", category=pay)
        assert made.team == staff
        assert trace_of(made)[0][3] == "it lies in a confidential queue: left there"
        assert incidents.route_again(made, actor=SYSTEM).team == staff

    def test_between_confidential_queues_administrators_place_and_leads_do_not(
        self, staff: Team, person: Any, as_actor: Any
    ) -> None:
        lea = person("agent", username="lea")
        legal = a_queue("legal", lea, confidential=True)
        pay = Category.objects.create(name="Pay", path="Pay", team=staff)
        rule = operations.create_rule(actor=as_actor(lea), name="All to us", team=legal)
        assert opened("My salary", category=pay).team == staff
        operations.edit_rule(rule, actor=SYSTEM, version=rule.version, name="Pay to legal")
        assert opened("My salary", category=pay).team == legal

    def test_an_unseen_queue_is_an_unknown_one_to_who_makes_a_rule(self, staff: Team, admin: User, api: Any) -> None:
        client = api(admin)
        unseen, unknown = (
            client.post("/api/v1/rules/", {"name": "A", "team": slug}, format="json") for slug in ("staff", "stuff")
        )
        assert unseen.status_code == unknown.status_code == 400
        named = client.post("/api/v1/rules/", {"name": "A", "filter": "team=staff", "checklist": ["x"]}, format="json")
        assert named.status_code == 400
        assert "There is no" in str(named.json()["errors"])

    def test_no_rule_lets_somebody_follow_what_they_may_not_see(self, staff: Team, ada: User, hilda: User) -> None:
        a_rule("Letters", filter="text=letter", team=staff, watchers=[ada, hilda])
        made = opened("A letter")
        assert [one.user for one in Watcher.objects.filter(record_id=made.pk)] == [hilda]


class TestWhoKeepsRules:
    def test_a_lead_makes_rules_into_their_own_queue_that_override_nobody(
        self, network: Team, ada: User, ben: User, as_actor: Any
    ) -> None:
        mail, lead = a_queue("mail"), as_actor(ada)
        made = operations.create_rule(actor=lead, name="Ours", filter="service=none", team=network, checklist=["Look"])
        assert made.own_queue
        for wrong in ({"team": mail}, {"team": None, "checklist": ["x"]}):
            with pytest.raises(NotPermitted):
                operations.create_rule(actor=lead, name="Theirs", **wrong)
        with pytest.raises(InvalidInput):
            operations.create_rule(actor=lead, name="Ours", team=network, override=True)
        with pytest.raises(NotPermitted):
            operations.create_rule(actor=as_actor(ben), name="Ours", team=network)
        with pytest.raises(NotPermitted):
            operations.move_rule(made, actor=lead, to=1)
        with pytest.raises(NotPermitted):
            operations.edit_rule(a_rule("House", team=network), actor=lead, version=1, name="Mine")

    def test_a_leads_rule_adds_nothing_to_what_lies_elsewhere(self, network: Team, ada: User, as_actor: Any) -> None:
        operations.create_rule(actor=as_actor(ada), name="Ours", team=network, checklist=["Look"])
        elsewhere, here = opened(team=a_queue("mail")), opened()
        assert not Task.objects.filter(record_id=elsewhere.pk).exists()
        assert Task.objects.filter(record_id=here.pk).exists()

    @pytest.mark.parametrize("said", ["caller=me", "team=my-teams", "not.assigned=me", "watcher=ada,me", "nonsense=1"])
    def test_a_rule_without_a_reader_names_none(self, said: str, network: Team, ada: User) -> None:
        with pytest.raises(InvalidInput) as refused:
            a_rule("Wrong", filter=said, team=network)
        assert "filter" in refused.value.errors

    def test_a_text_may_say_me(self, network: Team) -> None:
        a_rule("Call me", filter="text=me", team=network)
        assert opened("Call me").team == network

    @each_of(
        "body",
        [
            {"name": "\0", "checklist": ["x"]},
            {"name": "A"},
            {"name": "A", "filter": "a" * 2001, "checklist": ["x"]},
            {"name": "A", "filter": "&".join(["priority=1"] * 21), "checklist": ["x"]},
            {"name": "A", "filter": "text=\0", "checklist": ["x"]},
            {"name": "A", "filter": "opened=>9999-99-99", "checklist": ["x"]},
            {"name": "A", "assign": "person"},
            {"name": "A", "assign": "person", "person": "nobody"},
            {"name": "A", "watchers": ["nobody"]},
            {"name": "A", "watchers": "ada"},
            {"name": "A", "checklist": ["x"] * 21},
            {"name": "A", "checklist": ["x" * 201]},
            {"name": "A", "checklist": ["x"], "record_kind": "change"},
            {"name": "A", "team": {"slug": "network"}},
            [],
        ],
    )
    def test_hostile_bodies_are_refused_with_a_sentence(self, body: Any, admin: User, api: Any) -> None:
        answer = api(admin).post("/api/v1/rules/", body, format="json")
        assert answer.status_code in {400, 422}, answer.content
        assert not Rule.objects.exists()

    @each_of(
        "body",
        [
            {"query": "caller=nobody-at-all"}, {"query": "x=1"}, {"most": 1001}, {"most": 0}, {"record_kind": "change"},
            {"values": {}}, {"values": {"title": 1}}, {"values": {"title": "A", "x": 1}}, {"values": []},
            {"values": {"title": "A"}, "query": "state=open"}, {"values": {"title": "\0"}},
        ],
    )  # fmt: skip
    def test_hostile_trials_are_refused_with_a_sentence(self, body: Any, network: Team, admin: User, api: Any) -> None:
        a_rule("All", team=network)
        assert api(admin).post("/api/v1/rules/dry-run/", body, format="json").status_code in {400, 422}


class TestWhatBecomesOfThem:
    def test_a_merged_team_hands_its_rules_over(self, network: Team, admin: User, as_actor: Any) -> None:
        mail = a_queue("mail")
        rule = a_rule("All", team=network)
        accounts.merge_teams(network, into=mail, actor=as_actor(admin))
        rule.refresh_from_db()
        assert (rule.team, opened().team) == (mail, mail)

    def test_who_leaves_is_given_nothing_and_a_successor_takes_their_place(
        self, network: Team, ada: User, ben: User
    ) -> None:
        rule = a_rule("Ada", team=network, assign="person", person=ada, watchers=[ada])
        accounts.deactivate(ada, actor=SYSTEM, successor=ben)
        rule.refresh_from_db()
        assert (rule.person, rule.watchers) == (ben, [])
        accounts.deactivate(ben, actor=SYSTEM, successor=None)
        rule.refresh_from_db()
        assert (rule.person, rule.assign) == (None, "none")


class TestThePages:
    def test_people_are_chosen_by_name_and_who_left_stays_named(self, ada: User, admin: User, web: Any) -> None:
        browser = web(admin)
        said = {"name": "A", "assign": "person", "person": "ada", "watchers": ["ada"], "active": "on"}
        assert browser.post("/rules/new/", said).status_code == 302
        made = Rule.objects.get()
        assert (made.person, made.watchers) == (ada, [ada.pk])
        User.objects.filter(pk=ada.pk).update(is_active=False)
        page = browser.get(f"/rules/{made.pk}/").content.decode()
        assert page.count('<option value="ada" selected>') == 2
        assert '<dt class="mono">category</dt>' in page
        assert browser.post("/rules/new/", said | {"person": "nobody-of-that-name"}).status_code == 422

    def test_rules_are_made_ordered_and_tried_by_page(self, network: Team, admin: User, web: Any) -> None:
        browser = web(admin)
        said = {"filter": "text=printer", "team": "network", "assign": "round_robin", "active": "on"}
        assert browser.post("/rules/new/", {"name": "Printers", **said}).status_code == 302
        assert (
            browser.post("/rules/new/", {"name": "All", "checklist": "Look\nThink", "assign": "none"}).status_code
            == 302
        )
        first = Rule.objects.get(name="Printers")
        browser.post(f"/rules/{first.pk}/move/", {"to": "down"})
        assert list(Rule.objects.values_list("name", flat=True)) == ["All", "Printers"]
        made = opened()
        found = browser.get("/rules/matches/?filter=text%3Dprinter", headers={"HX-Request": "true"}).content.decode()
        assert "1 incident of the last 90 days matches." in found
        assert "no such field" in browser.get("/rules/matches/?filter=x%3D1").content.decode()
        page = browser.get(f"/incidents/{made.reference}/routing/").content.decode()
        assert "given to ada" in page
        wrong = browser.post(
            f"/rules/{first.pk}/",
            {"name": "A", "filter": "caller=me", "version": "1", **said | {"filter": "caller=me"}},
        )
        assert wrong.status_code in {400, 422}
        assert "A rule has no reader" in wrong.content.decode()


@pytest.mark.heavy
def test_a_dry_run_says_what_routing_does(network: Team, ada: User, ben: User, payments: Team, as_actor: Any) -> None:
    mail = a_queue("mail", ben, ada)
    vpn = a_service(slug="vpn")
    count = 1000 if proving.IN_FULL else 20
    drawn = [
        opened(f"{word} {n}", priority=n % 5 + 1, service=vpn if n % 3 else None, channel=("mail", "phone")[n % 2])
        for n, word in enumerate(("printer", "scanner", "screen", "printer") * (count // 4))
    ]
    a_rule("Calls", filter="channel=phone&priority=..3", team=network, assign="round_robin")
    a_rule("Vpn", filter="service=vpn&not.text=screen", team=mail, assign="least_open", override=True)
    a_rule("Printers", filter="text=printer", team=network, assign="person", person=ada)
    said = {one.record.pk: one for one in queries.tried(SYSTEM, "incident", "state=open")}
    for incident in drawn:
        routed = incidents.route_again(incident, actor=SYSTEM)
        tried = said[incident.pk]
        assert routed.team == (tried.outcome.team or incident.team)
        assert routed.assigned_to == tried.person
        assert trace_of(routed) == [
            (s.place, s.name, s.held, "; ".join(s.did if s.held else s.missed)) for s in tried.steps
        ]
    assert sum(one.changes for one in said.values()) > 10
