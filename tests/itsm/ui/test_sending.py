"""One submit is one record, and whoever must sign in first comes back to a page."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from incidents.incident import operations
from incidents.models import Incident
from itsm.accounts.models import Token, User
from itsm.api.models import IdempotencyRecord
from itsm.ui.returning import page_at
from itsm.work.models import Note

NEW = "/incidents/new/"


def report(browser: Client, token: str, title: str = "Checkout is slow", **headers: str) -> Any:
    return browser.post(NEW, {"title": title, "form_token": token, "priority": "3"}, headers=headers)


class TestOneSubmitIsOneRecord:
    def test_every_form_carries_a_token_of_its_own(self, agent: User, web: Callable[[User], Client]) -> None:
        pages = [web(agent).get(NEW).content.decode() for _ in range(2)]
        assert len({page.split('name="form_token" value="')[1][:24] for page in pages}) == 2

    def test_a_form_that_is_sent_twice_leads_to_the_record_it_made(self, agent: User, web: Any) -> None:
        browser = web(agent)
        first, second = report(browser, "one"), report(browser, "one")
        assert Incident.objects.count() == 1
        assert (first.status_code, second.status_code) == (302, 302)
        assert first["Location"] == second["Location"] == Incident.objects.get().get_absolute_url()

    def test_another_form_makes_another_one(self, agent: User, web: Callable[[User], Client]) -> None:
        browser = web(agent)
        report(browser, "one"), report(browser, "two")
        assert Incident.objects.count() == 2

    def test_the_same_token_of_somebody_else_is_theirs(self, agent: User, engineer: User, web: Any) -> None:
        report(web(agent), "one"), report(web(engineer), "one")
        assert Incident.objects.count() == 2

    def test_a_refused_form_can_be_sent_again(self, agent: User, web: Callable[[User], Client]) -> None:
        browser = web(agent)
        assert report(browser, "one", title="").status_code == 422
        assert report(browser, "one").status_code == 302
        assert Incident.objects.count() == 1

    def test_other_words_in_a_form_that_went_well_are_asked_about(self, agent: User, web: Any) -> None:
        browser = web(agent)
        report(browser, "one")
        answer = report(browser, "one", title="Checkout is down", **{"Headroom-Form": "1"})
        assert (answer.status_code, answer["HX-Retarget"]) == (409, "#toasts")
        assert Incident.objects.get().get_absolute_url() in answer.content.decode()

    def test_a_note_is_written_once(self, agent: User, web: Callable[[User], Client]) -> None:
        browser = web(agent)
        report(browser, "one")
        for _ in range(2):
            browser.post(
                f"{Incident.objects.get().get_absolute_url()}note/", {"text": "Restarted it.", "form_token": "n"}
            )
        assert Note.objects.count() == 1

    def test_a_token_is_issued_once(self, agent: User, web: Callable[[User], Client]) -> None:
        browser = web(agent)
        for _ in range(2):
            browser.post("/profile/tokens/", {"name": "ci", "days": "7", "form_token": "t"})
        assert Token.objects.count() == 1

    def test_an_edit_in_place_leaves_no_claim(self, agent: User, web: Callable[[User], Client]) -> None:
        browser = web(agent)
        report(browser, "one")
        incident = Incident.objects.get()
        form = {"version": incident.version, "priority": "2", "form_token": "e"}
        browser.post(f"{incident.get_absolute_url()}edit/", form, headers={"HX-Request": "true"})
        assert set(IdempotencyRecord.objects.values_list("key", flat=True)) == {"form:one"}

    @pytest.mark.django_db(transaction=True)
    def test_two_at_the_same_moment_make_one(self, agent: User, web: Callable[[User], Client]) -> None:
        browsers, start, answers = [web(agent), web(agent)], threading.Barrier(2), []

        def send(browser: Client) -> None:
            start.wait()
            answers.append(report(browser, "one")["Location"])
            connection.close()

        threads = [threading.Thread(target=send, args=[browser]) for browser in browsers]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert Incident.objects.count() == 1
        assert len(set(answers)) == 1


def where_to(answer: Any) -> str:
    from urllib.parse import unquote

    to = answer.get("Location") or answer.get("HX-Redirect") or answer.get("Headroom-Goes-To")
    assert to.startswith("/sign-in/?next=")
    return unquote(to.removeprefix("/sign-in/?next="))


@pytest.mark.django_db
class TestComingBack:
    NOTE = "/incidents/INC-00001/note/"

    def test_a_form_leads_back_to_the_page_it_was_on(self, client: Client) -> None:
        record = "http://testserver/incidents/INC-00001/?x=1"
        sent = {"text": "Restarted it."}
        assert where_to(client.post(self.NOTE, sent, headers={"Referer": record})) == "/incidents/INC-00001/?x=1"
        by_script = client.post(self.NOTE, sent, headers={"Referer": record, "Headroom-Form": "1"})
        assert (by_script.status_code, where_to(by_script)) == (204, "/incidents/INC-00001/?x=1")
        by_htmx = client.post(self.NOTE, sent, headers={"HX-Request": "true", "HX-Current-URL": record})
        assert (by_htmx.status_code, where_to(by_htmx)) == (204, "/incidents/INC-00001/?x=1")

    @pytest.mark.parametrize("referer", ["", "https://example.org/", "http://testserver/incidents/INC-00001/note/"])
    def test_an_address_for_posts_alone_is_never_returned_to(self, client: Client, referer: str) -> None:
        assert where_to(client.post(self.NOTE, headers={"Referer": referer})) == "/incidents/INC-00001/"
        assert where_to(client.get(self.NOTE)) == "/incidents/INC-00001/"

    def test_nor_one_that_somebody_wrote_into_the_link(self, client: Client) -> None:
        User.objects.create_user("ada", "a long enough password", roles=["agent"])
        signed = {"username": "ada", "password": "a long enough password", "next": self.NOTE}
        assert client.post("/sign-in/", signed)["Location"] == "/incidents/INC-00001/"

    def test_signing_out_leads_to_no_page(self, agent: User, web: Callable[[User], Client]) -> None:
        assert web(agent).post("/sign-out/")["Location"] == "/sign-in/"

    def test_opened_by_hand_such_an_address_names_the_page_above_it(self, agent: User, web: Any) -> None:
        answer = web(agent).get(self.NOTE)
        assert answer.status_code == 405
        assert 'href="/incidents/INC-00001/"' in answer.content.decode()

    @pytest.mark.parametrize(
        ("address", "page"),
        [
            ("/incidents/?tab=mine&text=x", "/incidents/?tab=mine&text=x"),
            ("/incidents/INC-00001/#story", "/incidents/INC-00001/#story"),
            ("/sign-out/", "/"),
            ("/sign-in/", "/"),
            ("/profile/tokens/abcdefgh/revoke/", "/profile/"),
            ("//example.org/", "/"),
            ("//[example.org/", "/"),
            ("https://[::1/profile/", "/"),
            ("/no/such/page/", "/"),
        ],
    )
    def test_the_nearest_page(self, address: str, page: str) -> None:
        assert page_at(address) == page


class TestTheirTextStaysBesideWhatChanged:
    def test_in_a_form(self, agent: User, web: Callable[[User], Client], as_actor: Any) -> None:
        incident = operations.open_incident(actor=as_actor(agent), title="Slow", description="Since noon.")
        operations.edit(incident, actor=as_actor(agent), version=incident.version, description="Since eleven.")
        typed = {"title": "Slow", "description": "Since ten.", "version": incident.version}
        answer = web(agent).post(f"{incident.get_absolute_url()}rewrite/", typed)
        page = answer.content.decode()
        assert answer.status_code == 412
        assert "Since ten." in page
        assert "Stands now:</b> Since eleven." in page
        assert "Stands now:</b> Slow" not in page  # only what differs
        assert f'name="version" value="{incident.version + 1}"' in page

    def test_in_a_field_edited_in_place(self, agent: User, web: Callable[[User], Client], as_actor: Any) -> None:
        incident = operations.open_incident(actor=as_actor(agent), title="Slow")
        operations.edit(incident, actor=as_actor(agent), version=incident.version, priority=2)
        form = {"priority": "4", "version": incident.version}
        answer = web(agent).post(f"{incident.get_absolute_url()}edit/", form, headers={"HX-Request": "true"})
        page = answer.content.decode()
        assert answer.status_code == 412
        assert "You chose for Priority: <b>P4 Low</b>" in page
        assert '<option value="2" selected>' in page
