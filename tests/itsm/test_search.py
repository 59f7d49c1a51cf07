"""What is found, by whom, under which words; and that what a person may not see leaves no trace."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.services.operations import create_service
from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.search import candidates, finding, index, offers, spelling
from itsm.search.models import Document, Word
from itsm.search.spelling import distance, meant
from tests.changes.scene import a_service, asked
from tests.itsm.rivals import rivals
from tests.together import each_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forgetful() -> None:
    """Words are remembered per process, and each test has tables of its own."""
    index._known.clear()


@pytest.fixture
def staff(engineer: User, as_actor: Callable[..., Actor]) -> Actor:
    return as_actor(engineer)


def an_incident(actor: Actor, title: str = "Checkout is slow", **more: Any) -> Incident:
    return incidents.open_incident(actor=actor, title=title, **more)


def references(actor: Actor, text: str) -> list[str]:
    return [one.reference for one in finding.find(actor, text).documents]


class TestWords:
    @each_of("text", ["checkout", "check", "SLOW", "slow checkout", "  slow,  checkout! "])
    def test_words_and_their_beginnings(self, text: str, staff: Actor) -> None:
        incident = an_incident(staff)
        assert references(staff, text) == [incident.reference]

    @each_of(
        "text", ["chekout", "checkuot", "chekcout", "checkoutt", "cheekout", "chekou", "chekcout slow", "checkout slwo"]
    )
    def test_misspellings(self, text: str, staff: Actor) -> None:
        found = an_incident(staff).reference
        result = finding.find(staff, text)
        assert [one.reference for one in result.documents] == [found]
        assert result.is_similar

    @each_of("text", ["zzzzzz", "printer", "c", "", "'", "a & | !", ":*", "\\", "%", "\0", "checkout zzzzzz"])
    def test_what_is_not_there_is_not_found(self, text: str, staff: Actor) -> None:
        an_incident(staff)
        assert references(staff, text) == []

    @pytest.mark.parametrize(
        ("one", "other", "steps"),
        [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("abc", "abcd", 1), ("abc", "axc", 1), ("", "ab", 2)],
    )
    def test_the_distance_of_two_words(self, one: str, other: str, steps: int) -> None:
        assert distance(one, other) == distance(other, one) == steps

    def test_short_words_are_taken_as_they_are(self, staff: Actor) -> None:
        an_incident(staff, "Tax is off")
        assert meant("tex") == []

    def test_what_is_left_early_is_too_far(self) -> None:
        """Only the beginnings of about the same length are looked at, and a word is left once it is too far."""
        words = ["".join(letters) for length in range(1, 6) for letters in itertools.product("ab", repeat=length)]
        for word, known in itertools.product([one for one in words if len(one) == 4], words):
            lengths = {len(known), *range(len(word) - 1, len(word) + 2)}
            steps = min(distance(word, known[:length]) for length in lengths if 0 < length <= len(known))
            for allowed in (1, 2):
                found = spelling._to_beginning(word, known, allowed)
                assert min(found, allowed + 1) == min(steps, allowed + 1), (word, known)


class TestNumbers:
    def test_a_bare_number_finds_records_of_every_kind(self, staff: Actor, pipeline: User) -> None:
        change = asked(a_service(slug="shop"), pipeline).change
        incident = an_incident(staff)
        found = {one.reference for number in (change.pk, incident.pk) for one in finding.by_number(staff, str(number))}
        assert {change.reference, incident.reference} <= found

    @each_of("shape", ["{n}", "#{n}", "INC-{n}", "inc-{n:05d}", "inc{n}", "INC {n}", " inc{n:05d} "])
    def test_a_reference_in_any_shape_leads_there(self, shape: str, staff: Actor) -> None:
        incident = an_incident(staff)
        text = shape.format(n=incident.pk)
        assert incident.reference in references(staff, text)
        assert finding.jump(staff, text) == incident.get_absolute_url()

    def test_another_kinds_number_leads_nowhere(self, staff: Actor) -> None:
        incident = an_incident(staff)
        assert finding.jump(staff, f"chg{incident.pk}") is None
        assert finding.jump(staff, f"inc{incident.pk + 1}") is None
        assert finding.jump(staff, "9" * 18) is None


class TestThings:
    def test_a_service_comes_first_with_its_records_below(self, staff: Actor) -> None:
        service = create_service(actor=Actor.system("tests"), slug="checkout", name="Checkout", tier=1)
        other = an_incident(staff, "Checkout page is white")
        its_own = an_incident(staff, "Payments fail", service=service)
        found = finding.find(staff, "checkout")
        assert [one.reference for one in found.documents] == ["checkout", other.reference]
        assert [one.reference for one in found.related] == [its_own.reference]

    def test_a_person_is_found_with_what_is_theirs(self, staff: Actor, engineer: User) -> None:
        ada = User.objects.create_user("ada", name="Ada Lovelace", roles=["agent"], email="ada@example.org")
        index.keep(offers.offered()[User], [ada])
        incident = an_incident(staff)
        incidents.edit(incident, actor=staff, version=incident.version, assigned_to=ada)
        for text in ("ada", "lovelace", "Lovelaec"):
            found = finding.find(staff, text)
            assert [one.reference for one in found.documents] == ["ada"], text
            assert [one.reference for one in found.related] == [incident.reference], text

    def test_nobody_is_found_by_an_address_which_not_all_may_read(self, staff: Actor) -> None:
        ada = User.objects.create_user("ada", name="Ada Lovelace", roles=["agent"], email="countess@secret.example")
        index.keep(offers.offered()[User], [ada])
        for text in ("countess@secret.example", "countess", "coun", "secret"):
            assert references(staff, text) == [], text

    def test_a_thing_leads_there_at_once_by_its_name(self, staff: Actor) -> None:
        create_service(actor=Actor.system("tests"), slug="checkout", name="Checkout", tier=1)
        assert finding.jump(staff, "Checkout") == "/services/checkout/"

    def test_somebody_who_left_is_not_found(self, staff: Actor) -> None:
        gone = User.objects.create_user("gone", roles=["agent"])
        index.keep(offers.offered()[User], [gone])
        gone.is_active = False
        index.keep(offers.offered()[User], [gone])
        assert references(staff, "gone") == []

    def test_what_is_open_stands_before_what_is_over(self, staff: Actor) -> None:
        first, second = an_incident(staff), an_incident(staff)
        incidents.acknowledge(second, actor=staff)
        incidents.resolve(second, actor=staff, resolution_code="solved", resolution="Restarted.")
        assert references(staff, "checkout") == [first.reference, second.reference]


class TestWhoSeesWhat:
    def test_a_requester_finds_their_own_and_no_trace_of_others(
        self, staff: Actor, requester: User, as_actor: Any
    ) -> None:
        asker = as_actor(requester)
        hidden = an_incident(staff, "Salaries leaked")
        own = an_incident(asker, "Mouse is broken")
        for text in ("salaries", "salareis", hidden.reference, str(hidden.pk), f"inc{hidden.pk}"):
            assert references(asker, text) == [], text
            assert finding.jump(asker, text) is None, text
        assert references(asker, "mouse") == [own.reference]
        assert references(asker, str(own.pk)) == [own.reference]

    def test_no_page_says_that_something_is_hidden(self, staff: Actor, requester: User, web: Any) -> None:
        an_incident(staff, "Salaries leaked")
        for headers in ({}, {"HX-Request": "true"}):
            hidden = web(requester).get("/search/?q=salaries", headers=headers).content.decode()
            nowhere = web(requester).get("/search/?q=nowheres", headers=headers).content.decode()
            plain = [page.replace("salaries", "?").replace("nowheres", "?") for page in (hidden, nowhere)]
            assert without_tokens(plain[0]) == without_tokens(plain[1])

    def test_the_records_of_a_service_are_those_one_may_see(self, staff: Actor, requester: User, as_actor: Any) -> None:
        service = create_service(actor=Actor.system("tests"), slug="checkout", name="Checkout", tier=1)
        an_incident(staff, "Salaries leaked", service=service)
        own = an_incident(as_actor(requester), "Mouse is broken", service=service)
        found = finding.find(as_actor(requester), "checkout")
        assert [one.reference for one in found.related] == [own.reference]

    @pytest.mark.parametrize("role", ["requester", "agent", "auditor", "admin"])
    def test_the_search_and_the_lists_draw_the_same_line(self, role: str, person: Any, as_actor: Any) -> None:
        people = [person("requester"), person("agent"), person("requester", username="other")]
        for one in people:
            an_incident(as_actor(one))
        actor = as_actor(person(role))
        listed = set(Incident.objects.visible_to(actor).values_list("pk", flat=True))
        rows = finding.visible_to(actor).filter(record_kind="incident")
        assert set(rows.values_list("record_id", flat=True)) == listed


EVERY = 10**6


class TestTheWay:
    """Few words or many, much to see or little: the way to the answer differs, the answer does not."""

    @pytest.mark.parametrize(
        ("newest", "rare", "little"),
        [
            (EVERY, EVERY, -1),
            (1, EVERY, -1),  # every word by its index
            (1, -1, -1),  # the rarest word
            (1, 1, EVERY),  # the actor's own rows
            (3, 1, 1),
        ],
    )
    def test_whichever_way_is_taken_the_same_is_found(
        self, newest: int, rare: int, little: int, staff: Actor, requester: User, as_actor: Any, monkeypatch: Any
    ) -> None:
        for name, value in (("_NEWEST", newest), ("_RARE", rare), ("_LITTLE", little)):
            monkeypatch.setattr(candidates, name, value)
        asker = as_actor(requester)
        create_service(actor=Actor.system("tests"), slug="checkout", name="Checkout", tier=1)
        for one in (asker, staff):
            for title in ("Checkout is slow", "Checkout page is white", "Check the slow printer"):
                an_incident(one, title)
        for actor in (staff, asker):
            for words in (["checkout:*"], ["che:*", "slow:*"], ["p:*", "white:*"], ["(chekout:* | checkout)", "is:*"]):
                rows = finding.visible_to(actor).extra(
                    where=["words @@ to_tsquery('simple', %s)"], params=[" & ".join(words)]
                )
                found = candidates.ranked(words, offers.tokens_of(actor), "", 40)
                assert {one.pk for one in found} == set(rows.values_list("pk", flat=True)), (words, actor.name)
                assert found

    @pytest.mark.parametrize(
        ("standing", "seen", "asked"),
        [
            ([3, 900], 2000, ["a"]),  # what is frequent is left to the rows
            ([3, 100], 2000, ["a", "b"]),
            ([3, 101], 2000, ["a"]),
            ([700, 600], 2000, ["b"]),  # all are frequent: the rarest
            ([0, 0], 10, []),  # sees little: their own rows
            ([0, 0], 11, ["a", "b"]),
            ([600, 300], 300, []),
            ([600, 300], 301, ["b"]),
        ],
    )
    def test_the_index_is_asked_only_for_what_is_rare(self, standing: list[int], seen: int, asked: list[str]) -> None:
        assert candidates._worth_asking(["a", "b"], candidates._Look([], [], seen, standing)) == asked

    def test_what_fills_the_newest_rows_is_not_looked_for_in_older_ones(self, staff: Actor, monkeypatch: Any) -> None:
        monkeypatch.setattr(candidates, "_NEWEST", 2)
        monkeypatch.setattr(candidates, "_ENOUGH", 1)
        an_incident(staff)
        newest = [an_incident(staff).reference for _ in range(2)]
        assert references(staff, "checkout") == newest[::-1]


def without_tokens(page: str) -> str:
    import re

    return re.sub(r'(csrfmiddlewaretoken|form_token)" value="[^"]+"|X-CSRFToken": "[^"]+"', "", page)


class TestTheIndex:
    def test_it_follows_what_is_edited(self, staff: Actor, requester: User) -> None:
        incident = an_incident(staff)
        incidents.edit(incident, actor=staff, version=incident.version, title="Search is slow")
        assert references(staff, "checkout") == []
        assert references(staff, "search") == [incident.reference]

    def test_a_step_that_changes_nothing_that_is_found_costs_no_statement(self, staff: Actor) -> None:
        incident = an_incident(staff)
        incidents.acknowledge(incident, actor=staff)
        with CaptureQueriesContext(
            connection,
        ) as asked_of:
            incidents.hold(incident, actor=staff, hold_reason="other", reason="Waits for a part.")
        assert not [one for one in asked_of.captured_queries if "search_" in one["sql"]]
        incidents.resume(incident, actor=staff)
        incidents.resolve(incident, actor=staff, resolution_code="solved", resolution="Restarted.")
        assert Document.objects.get(record_kind="incident").is_over

    def test_it_is_written_anew_by_command(self, staff: Actor, requester: User) -> None:
        incident = an_incident(staff)
        Document.objects.update(title="Wrong", audience=["all"])
        Document.objects.create(
            record_kind="incident", record_id=10**9, reference="INC-1", title="Gone", audience=["all"]
        )
        Word.objects.all().delete()
        call_command("reindex", verbosity=0)
        assert list(Document.objects.filter(record_kind="incident").values_list("title", flat=True)) == [incident.title]
        assert references(staff, "chekout") == [incident.reference]
        assert Document.objects.filter(record_kind="user", reference=requester.username).exists()

    @pytest.mark.django_db(transaction=True)
    def test_writing_it_anew_waits_for_who_is_writing_and_keeps_their_words(self, staff: Actor) -> None:
        incident = an_incident(staff)
        with rivals() as begin:
            with transaction.atomic():
                incidents.edit(incident, actor=staff, version=incident.version, title="Salaries are late")
                anew = begin(lambda: index.reindex(Incident))
                assert anew.waits()
            assert anew.result() == 1
        assert Document.objects.get(record_kind="incident").title == "Salaries are late"

    def test_the_command_names_the_kinds_it_knows(self) -> None:
        with pytest.raises(CommandError, match="incident"):
            call_command("reindex", kind=["incidents"])

    def test_a_word_is_kept_once(self, staff: Actor) -> None:
        an_incident(staff), an_incident(staff)
        index._known.clear()
        an_incident(staff)
        assert Word.objects.filter(word="checkout").count() == 1


class TestPages:
    def test_suggestions_are_the_options_of_a_list_box(self, staff: Actor, engineer: User, web: Any) -> None:
        incident = an_incident(staff)
        part = web(engineer).get("/search/?q=chec", headers={"HX-Request": "true"}).content.decode()
        assert 'role="listbox"' in part
        assert f'href="{incident.get_absolute_url()}"' in part

    def test_enter_on_a_number_goes_there(self, staff: Actor, engineer: User, web: Any) -> None:
        incident = an_incident(staff)
        assert web(engineer).get(f"/search/?q={incident.pk}")["Location"] == incident.get_absolute_url()

    def test_the_statements_are_few_whatever_is_found(
        self, staff: Actor, engineer: User, web: Any, django_assert_max_num_queries: Any
    ) -> None:
        service = create_service(actor=Actor.system("tests"), slug="checkout", name="Checkout", tier=1)
        for number in range(30):
            an_incident(staff, f"Checkout fails {number}", service=service)
        browser = web(engineer)
        for text in ("checkout", "chekout", "42", "nothing here"):
            with django_assert_max_num_queries(12):
                browser.get(f"/search/?q={text}", headers={"HX-Request": "true"})
