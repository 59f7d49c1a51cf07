"""Files of incidents through both doors: as private as their note, never shown as anything but what they are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from incidents.incident import operations
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.files import store, tasks
from itsm.files.models import Attachment
from itsm.files.vocabulary import TAKEN_BACK_WITHIN, State
from itsm.kernel.actors import Actor
from itsm.work.watching import watch
from tests.factories.files import picture, received
from tests.incidents.incident.test_queues import a_queue
from tests.together import each_of

pytestmark = pytest.mark.django_db
SECRET = b"the salary of bo is none of your business"


@pytest.fixture(autouse=True)
def a_folder_of_its_own(tmp_path: Path, settings: Any) -> None:
    settings.FILES_DIR = str(tmp_path / "files")


@pytest.fixture
def bo(person: Any) -> User:
    return person("requester", username="bo")


@pytest.fixture
def incident(bo: User, as_actor: Any) -> Incident:
    return operations.open_incident(actor=as_actor(bo), title="Cannot print")


def attached(
    incident: Incident, actor: Actor, content: bytes = b"words", *, private: bool, name: str = "log.txt"
) -> Attachment:
    _said, (made,) = operations.say(
        incident, actor=actor, text="See there", private=private, received=[received(name, content)]
    )
    return made


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def status(answer: Any) -> int:
    body(answer)  # an answer that nobody reads keeps its file open
    return answer.status_code


class TestWhoReadsThem:
    def test_a_file_is_as_private_as_its_note(
        self, incident: Incident, bo: User, agent: User, as_actor: Any, web: Any, api: Any
    ) -> None:
        """P3: Bo is caller: public words and files; a private file is not there."""
        public = attached(incident, as_actor(agent), private=False)
        private = attached(incident, as_actor(agent), SECRET, private=True, name="salary.txt")
        for user, statuses in ((bo, (200, 404)), (agent, (200, 200))):
            found = [web(user).get(one.get_absolute_url()) for one in (public, private)]
            assert tuple(map(status, found)) == statuses
            rest = f"/api/v1/incidents/{incident.reference}/attachments/"
            kept = [api(user).get(f"{rest}{one.key}/content/") for one in (public, private)]
            assert tuple(map(status, kept)) == statuses
            names = [one["name"] for one in api(user).get(rest).json()["results"]]
            assert ("salary.txt" in names) is (user is agent)
        page = web(bo).get(incident.get_absolute_url()).content
        assert b"log.txt" in page
        assert b"salary" not in page
        assert b"salary.txt" in web(agent).get(incident.get_absolute_url()).content

    def test_nobody_else_is_given_one_byte(
        self, person: Any, as_actor: Any, web: Callable[[User], Client], api: Any
    ) -> None:
        hilda = person("agent", username="hilda")
        staff = a_queue("staff", hilda, confidential=True)
        secret = operations.open_incident(actor=as_actor(hilda), title="Warning letter", team=staff)
        files = [
            attached(secret, as_actor(hilda), SECRET, private=True),
            attached(secret, as_actor(hilda), picture(), private=False, name="shot.png"),
        ]
        tasks.look_at_new_files()
        rest = f"/api/v1/incidents/{secret.reference}/attachments/"
        for role in ("requester", "agent", "engineer", "approver", "manager", "owner", "auditor", "admin"):
            outsider = person(role, username=f"outside-{role}")
            browser, program = web(outsider), api(outsider)
            for one in files:
                page, here = one.get_absolute_url(), f"{rest}{one.key}/"
                asked = [(browser, path) for path in (page, f"{page}thumbnail/", f"{page}?download")]
                asked += [(program, f"{here}{path}") for path in ("", "content/", "thumbnail/")]
                for client, path in asked:
                    answer = client.get(path)
                    given = body(answer)
                    assert answer.status_code == 404, f"{role} at {path}"
                    assert SECRET not in given
                    assert b"PNG" not in given
                # Who only reads is refused whatever they ask for.
                assert program.delete(here).status_code == (403 if role == "auditor" else 404)
            assert program.get(rest).status_code == 404
        assert Client().get(files[1].get_absolute_url()).status_code == 302
        assert status(web(hilda).get(files[0].get_absolute_url())) == 200

    def test_a_watcher_reads_the_public_side(
        self, incident: Incident, agent: User, person: Any, as_actor: Any, web: Any
    ) -> None:
        nina = person("requester", username="nina")
        public = attached(incident, as_actor(agent), private=False)
        private = attached(incident, as_actor(agent), private=True)
        assert status(web(nina).get(public.get_absolute_url())) == 404
        watch(incident, actor=as_actor(agent), user=nina)
        assert status(web(nina).get(public.get_absolute_url())) == 200
        assert status(web(nina).get(private.get_absolute_url())) == 404

    def test_what_waits_for_the_scanner_is_for_the_desk_and_never_shown(
        self, incident: Incident, bo: User, agent: User, as_actor: Any, web: Any, settings: Any
    ) -> None:
        settings.FILES_SCANNER = "command:no-such-scanner"
        made = attached(incident, as_actor(bo), picture(), private=False, name="shot.png")
        assert tasks.look_at_new_files() == 0
        assert status(web(bo).get(made.get_absolute_url())) == 404
        assert b"being checked" in web(bo).get(incident.get_absolute_url()).content
        answer = web(agent).get(made.get_absolute_url())
        assert status(answer) == 200
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["Content-Type"] == "application/octet-stream"
        Attachment.objects.update(state=State.REFUSED)
        assert status(web(bo).get(made.get_absolute_url())) == 404
        assert status(web(agent).get(made.get_absolute_url())) == 409

    def test_the_survivor_shows_the_files_of_the_source_and_a_split_gives_them_back(
        self, incident: Incident, bo: User, agent: User, person: Any, as_actor: Any, web: Any
    ) -> None:
        """M1, with another caller: both read the public files of both, and only those."""
        other = person("requester", username="other")
        survivor = operations.open_incident(actor=as_actor(other), title="Cannot print either")
        public = attached(incident, as_actor(bo), private=False, name="one.txt")
        private = attached(incident, as_actor(agent), SECRET, private=True, name="two.txt")
        assert status(web(other).get(public.get_absolute_url())) == 404
        operations.merge(incident, actor=as_actor(agent), into=survivor.reference, consent=True)
        page = web(agent).get(survivor.get_absolute_url()).content
        assert b"one.txt" in page
        assert b"two.txt" in page
        assert status(web(other).get(public.get_absolute_url())) == 200
        assert status(web(other).get(private.get_absolute_url())) == 404
        assert b"one.txt" in web(other).get(survivor.get_absolute_url()).content
        operations.split(incident, actor=as_actor(agent), at=timezone.now())
        assert status(web(other).get(public.get_absolute_url())) == 404
        assert b"one.txt" not in web(agent).get(survivor.get_absolute_url()).content
        assert b"one.txt" in web(agent).get(incident.get_absolute_url()).content


class TestHowTheyAreAnswered:
    @pytest.mark.parametrize(
        ("content", "kind", "how"),
        [
            (picture("PNG"), "image/png", "inline"),
            (picture("GIF"), "image/gif", "inline"),
            ("Grüße".encode(), "text/plain; charset=utf-8", "inline"),
            (b"<svg onload='alert(1)'/>", "application/octet-stream", "attachment"),
            (b"<html><script>alert(1)</script>", "application/octet-stream", "attachment"),
            (b"%PDF-1.4", "application/octet-stream", "attachment"),
            (picture("PNG") + b"<script>", "application/octet-stream", "attachment"),
        ],
    )
    def test_by_what_they_are_with_every_wall(
        self, content: bytes, kind: str, how: str, incident: Incident, agent: User, as_actor: Any, web: Any, api: Any
    ) -> None:
        made = attached(incident, as_actor(agent), content, private=False, name="claims.png")
        rest = f"/api/v1/incidents/{incident.reference}/attachments/{made.key}/content/"
        for answer in (web(agent).get(made.get_absolute_url()), api(agent).get(rest, HTTP_ACCEPT="image/*")):
            assert answer["Content-Type"] == kind
            assert answer["Content-Disposition"] == f'{how}; filename="claims.png"'
            assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
            assert answer["Cache-Control"] == "private, no-store"
            assert body(answer) == content
        asked = web(agent).get(f"{made.get_absolute_url()}?download")
        assert asked["Content-Disposition"].startswith("attachment")
        body(asked)

    def test_names_are_safe_in_headers(self, incident: Incident, agent: User, as_actor: Any, web: Any) -> None:
        name = 'a"b\r\nSet-Cookie: x=1\u202egnp.تقرير'
        made = attached(incident, as_actor(agent), private=False, name=name)
        answer = web(agent).get(made.get_absolute_url())
        assert "Set-Cookie" not in answer.headers
        assert "\n" not in answer["Content-Disposition"]
        assert answer["Content-Disposition"].startswith("inline; filename*=utf-8''a%22bSet-Cookie")
        assert "%E2%80%AE" not in answer["Content-Disposition"]
        body(answer)

    def test_bytes_that_are_gone_are_a_plain_404(
        self, incident: Incident, agent: User, as_actor: Any, web: Any
    ) -> None:
        made = attached(incident, as_actor(agent), private=False)
        store.place_of(made.sha256).unlink()
        assert status(web(agent).get(made.get_absolute_url())) == 404


class TestSendingThem:
    def test_with_a_reply_from_the_page(self, incident: Incident, bo: User, web: Any, agent: User) -> None:
        sent = {
            "text": "See the picture",
            "files": [SimpleUploadedFile("a.png", picture()), SimpleUploadedFile("b.txt", b"b")],
        }
        assert web(bo).post(f"{incident.get_absolute_url()}note/", sent).status_code == 302
        tasks.look_at_new_files()
        assert [(one.name, one.private, one.shown_type) for one in Attachment.objects.order_by("id")] == [
            ("a.png", False, "image/png"),
            ("b.txt", False, "text/plain"),
        ]
        page = web(agent).get(incident.get_absolute_url()).content.decode()
        first = Attachment.objects.earliest("id")
        assert f'src="/files/{first.key}/thumbnail/"' in page
        small = web(bo).get(f"/files/{first.key}/thumbnail/")
        assert (status(small), small["Content-Type"]) == (200, "image/webp")

    def test_limits_are_said_beside_the_button(self, incident: Incident, bo: User, web: Any) -> None:
        page = web(bo).get(incident.get_absolute_url()).content.decode()
        assert "25 MB a file, 20 a record, 200 MB a person and day." in page
        assert 'data-most="25000000"' in page

    def test_words_may_be_left_out_where_files_are(self, incident: Incident, agent: User, web: Any) -> None:
        page = f"{incident.get_absolute_url()}note/"
        assert web(agent).post(page, {"text": ""}).status_code == 422
        assert web(agent).post(page, {"text": "", "files": [SimpleUploadedFile("b.txt", b"b")]}).status_code == 302
        made = Attachment.objects.get()
        assert made.private, "Ctrl+Enter never tells a reporter by accident"
        assert made.note.text == "Attached: b.txt"

    def test_a_file_too_large_keeps_what_was_typed(self, incident: Incident, agent: User, web: Any) -> None:
        sent = {"text": "Look at the dump", "files": [SimpleUploadedFile("dump.bin", b"x" * 25_000_001)]}
        answer = web(agent).post(f"{incident.get_absolute_url()}note/", sent)
        assert answer.status_code == 413
        assert "Look at the dump" in answer.content.decode()
        assert "larger than 25 MB" in answer.content.decode()
        assert not Attachment.objects.exists()

    def test_over_rest(self, incident: Incident, agent: User, bo: User, api: Any) -> None:
        rest = f"/api/v1/incidents/{incident.reference}/attachments/"
        client = api(agent)
        made = client.post(rest, {"file": SimpleUploadedFile("a.txt", b"one", "text/html"), "private": "false"})
        assert made.status_code == 201
        shown = made.json()
        assert (shown["name"], shown["size"], shown["shown_type"], shown["private"]) == (
            "a.txt",
            3,
            "text/plain",
            False,
        )
        assert client.get(made["Location"].removeprefix("http://testserver")).json() == shown
        key = {"HTTP_IDEMPOTENCY_KEY": "once"}
        file = lambda content: {"file": SimpleUploadedFile("b.txt", content)}  # noqa: E731
        assert client.post(rest, file(b"two"), **key).status_code == 201
        again = client.post(rest, file(b"two"), **key)
        assert (again.status_code, again["Idempotent-Replayed"]) == (201, "true")
        assert client.post(rest, file(b"2"), **key).status_code == 422, "other bytes are another request"
        assert Attachment.objects.count() == 2
        callers = api(bo).post(rest, {"file": SimpleUploadedFile("c.txt", b"x"), "private": "true"})
        assert callers.json()["private"] is False, "what a caller sends never is private"

    @each_of(
        ("sent", "status"),
        [
            ({}, 400),
            ({"file": "no file at all"}, 400),
            ({"file": SimpleUploadedFile("a.txt", b"")}, 400),
            ({"file": SimpleUploadedFile("a.txt", b"x"), "colour": "red"}, 400),
            ({"file": SimpleUploadedFile("a.txt", b"x"), "private": "perhaps"}, 400),
            ({"file": SimpleUploadedFile("a.txt", b"x"), "text": "nul \0"}, 400),
            ({"file": [SimpleUploadedFile("a.txt", b"x"), SimpleUploadedFile("b.txt", b"x")]}, 400),
            ({"file": SimpleUploadedFile("a.txt", b"x" * 25_000_001)}, 413),
            ({"file": SimpleUploadedFile("a.txt", b"x" * 26_000_000)}, 413),
        ],
    )
    def test_what_cannot_be_kept_is_refused_and_named(
        self, sent: dict[str, Any], status: int, incident: Incident, agent: User, api: Any
    ) -> None:
        for part in sent.values():
            for one in part if isinstance(part, list) else [part]:
                if isinstance(one, SimpleUploadedFile):
                    one.seek(0)
        answer = api(agent).post(f"/api/v1/incidents/{incident.reference}/attachments/", sent)
        assert answer.status_code == status, answer.content
        if status == 413:
            assert "25" in answer.json()["detail"]
        assert not Attachment.objects.exists()
        assert not list(store.folder(store.INCOMING).iterdir())

    def test_limits_are_looked_at_before_the_body(
        self, incident: Incident, agent: User, auditor: User, as_actor: Any, api: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def read(*_: Any) -> None:
            raise AssertionError("the body was read")

        rest = f"/api/v1/incidents/{incident.reference}/attachments/"
        attached(incident, as_actor(agent), private=False)
        monkeypatch.setattr("itsm.files.receiving.OntoDisk.new_file", read)
        monkeypatch.setattr("itsm.files.operations.MAX_ON_RECORD", 1)
        assert api(agent).post(rest, {"file": SimpleUploadedFile("a.txt", b"x")}).status_code == 409
        assert api(auditor).post(rest, {"file": SimpleUploadedFile("a.txt", b"x")}).status_code == 403

    def test_merged_takes_none_and_a_reply_takes_them_where_it_lies(
        self, incident: Incident, bo: User, agent: User, as_actor: Any, web: Any
    ) -> None:
        survivor = operations.open_incident(actor=as_actor(bo), title="Cannot print either")
        operations.merge(incident, actor=as_actor(agent), into=survivor.reference)
        sent = {"text": "Still", "files": [SimpleUploadedFile("b.txt", b"b")]}
        web(bo).post(f"{incident.get_absolute_url()}note/", sent)
        assert Attachment.objects.get().record_id == survivor.pk


class TestTakingThemBack:
    def test_who_sent_it_for_an_hour_then_a_manager_with_a_trace(
        self, incident: Incident, bo: User, agent: User, manager: User, as_actor: Any, api: Any, web: Any
    ) -> None:
        made = attached(incident, as_actor(bo), private=False, name="wrong.txt")
        rest = f"/api/v1/incidents/{incident.reference}/attachments/{made.key}/"
        assert api(agent).delete(rest).status_code == 403
        Attachment.objects.update(at=timezone.now() - TAKEN_BACK_WITHIN)
        assert api(bo).delete(rest).status_code == 403
        Attachment.objects.update(at=timezone.now())
        assert api(bo).delete(rest).status_code == 204
        assert api(bo).get(rest).status_code == 404
        assert status(web(agent).get(made.get_absolute_url())) == 404
        entry = Entry.objects.get(event="incident.file_withdrawn")
        assert (entry.actor_name, entry.changes["file"]) == ("bo", ["wrong.txt", None])
        assert "wrong.txt" in web(agent).get(incident.get_absolute_url()).content.decode()
        old = attached(incident, as_actor(bo), private=False)
        Attachment.objects.filter(pk=old.pk).update(at=timezone.now() - TAKEN_BACK_WITHIN)
        page = f"{incident.get_absolute_url()}files/{old.key}/withdraw/"
        assert web(bo).post(page).status_code == 403
        assert web(manager).post(page).status_code == 302
        assert web(manager).post(page).status_code == 404

    def test_a_private_one_leaves_no_trace_where_the_caller_reads(
        self, incident: Incident, bo: User, agent: User, as_actor: Any, web: Any
    ) -> None:
        made = attached(incident, as_actor(agent), private=True, name="salary.txt")
        operations.withdraw_file(incident, made, actor=as_actor(agent))
        assert "salary" in web(agent).get(incident.get_absolute_url()).content.decode()
        page = web(bo).get(incident.get_absolute_url()).content.decode()
        assert "salary" not in page
        assert "took a file" not in page
