"""Questions that are answered by a file: sent first, named by an answer, read by whoever reads that answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from catalog.items import operations as items
from catalog.models import CatalogItem, FormUpload, Request
from catalog.requests.operations import Wish, submit
from catalog.requests.operations.purging import purge_texts
from itsm.accounts.models import User
from itsm.fields.form.document import FormRefused
from itsm.fields.form.parsing import parse_form
from itsm.files.models import Attachment
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.work.models import Note
from tests.factories.files import picture, received
from tests.factories.requests import an_item, question

pytestmark = pytest.mark.django_db
PLAN = question("plan", "Floor plan", "file", required=True, options=[])
ROOM = question("room", "Which room?", required=True, options=[])


def pdf(name: str = "plan.pdf", bytes_: bytes = b"%PDF-1.4 a plan") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, bytes_)


def sent(actor: Actor, name: str = "plan.pdf", bytes_: bytes = b"%PDF-1.4 a plan") -> str:
    return str(items.upload(received(name, bytes_), actor=actor, at=timezone.now()).key)


def status(client: Client, path: str) -> int:
    answer: Any = client.get(path)
    if answer.streaming:
        for close in answer._resource_closers:  # the answer itself would close the database's connection too
            close()
    return int(answer.status_code)


@pytest.fixture
def move(db: None) -> CatalogItem:
    return an_item("move", questions=[PLAN, ROOM])


def test_on_a_page_a_file_survives_that_another_answer_is_refused(
    move: CatalogItem, requester: User, web: Callable[[User], Client]
) -> None:
    page = web(requester)
    assert 'enctype="multipart/form-data"' in page.get("/portal/ask/move/").content.decode()
    refused = page.post("/portal/ask/move/", {"quantity": "1", "answers.plan": pdf(), "answers.room": ""})
    assert refused.status_code == 422
    said = refused.content.decode()
    assert "plan.pdf" in said
    key = str(Attachment.objects.get().key)
    assert f'value="{key}"' in said
    assert (
        page.post("/portal/ask/move/", {"quantity": "1", "answers.plan": key, "answers.room": "4.12"}).status_code
        == 302
    )
    made = Request.objects.get()
    assert made.items.get().answers == {"plan": key, "room": "4.12"}
    assert f'<a href="/files/{key}/">plan.pdf</a>' in page.get(made.get_absolute_url()).content.decode()
    assert status(page, f"/files/{key}/") == 200


@pytest.mark.parametrize(
    ("rules", "file", "word"),
    [
        ({}, pdf("empty.pdf", b""), "is empty"),
        ({"accept": "picture"}, pdf(), "no picture"),
        ({"accept": "pdf"}, pdf("a.pdf", picture()), "no PDF"),
        ({"accept": "picture_or_pdf"}, pdf("a.pdf", b"MZ\x90"), "neither"),
    ],
)
def test_an_odd_file_is_refused_at_its_field_and_all_else_is_said_at_once(
    rules: Any, file: SimpleUploadedFile, word: str, requester: User, web: Callable[[User], Client]
) -> None:
    an_item("move", questions=[{**PLAN, "rules": rules}, ROOM])
    file.seek(0)
    refused = web(requester).post("/portal/ask/move/", {"quantity": "1", "answers.plan": file, "answers.room": " "})
    assert refused.status_code == 422
    drawn = {one.question.key: one for section in refused.context["form"].sections for one in section.questions}
    assert word in drawn["plan"].errors[0]
    assert drawn["plan"].sent == ""
    assert drawn["room"].errors
    assert not Request.objects.exists()


def test_a_hidden_file_is_neither_required_nor_kept(
    requester: User, web: Callable[[User], Client], as_actor: Callable[[User], Actor]
) -> None:
    when = {"all": [{"field": "room", "op": "is", "value": "new"}]}
    an_item("move", questions=[ROOM, {**PLAN, "show_when": when}])
    answer = web(requester).post("/portal/ask/move/", {"quantity": "1", "answers.plan": pdf(), "answers.room": "old"})
    assert answer.status_code == 302
    assert not Attachment.objects.filter(withdrawn_at=None).exists()
    asker = as_actor(requester)
    _made, dropped = submit(actor=asker, items=[Wish("move", 1, {"room": "old", "plan": sent(asker)})])
    assert [one.key for one in dropped] == ["plan"]
    assert FormUpload.objects.get().record_id is None


def test_over_rest_it_is_sent_first_and_answers_once(
    move: CatalogItem, requester: User, agent: User, api: Callable[[User], Any]
) -> None:
    client = api(requester)
    made = client.post("/api/v1/form-files/", {"file": pdf()}, format="multipart", HTTP_IDEMPOTENCY_KEY="one")
    assert made.status_code == 201
    key = made.json()["key"]
    again = client.post("/api/v1/form-files/", {"file": pdf()}, format="multipart", HTTP_IDEMPOTENCY_KEY="one")
    assert again.json()["key"] == key
    assert [one["key"] for one in client.get("/api/v1/form-files/").json()["results"]] == [key]
    body = {"items": [{"item": "move", "answers": {"plan": key, "room": "4.12"}}]}
    foreign = api(agent).post("/api/v1/requests/", body, format="json")
    assert foreign.status_code == 400
    assert "Send the file first" in str(foreign.json()["errors"])
    asked = client.post("/api/v1/requests/", body, format="json")
    assert asked.status_code == 201
    answers = {one["key"]: one for one in asked.json()["items"][0]["answers"]}
    assert (answers["plan"]["words"], answers["room"]["url"]) == ("plan.pdf", "")
    assert answers["plan"]["url"].endswith(f"/files/{key}/")
    twice = client.post("/api/v1/requests/", body, format="json")
    assert twice.status_code == 400
    assert client.delete(f"/api/v1/form-files/{key}/").status_code == 404
    other = client.post("/api/v1/form-files/", {"file": pdf()}, format="multipart").json()["key"]
    assert api(agent).delete(f"/api/v1/form-files/{other}/").status_code == 404
    assert client.delete(f"/api/v1/form-files/{other}/").status_code == 204
    assert client.post("/api/v1/form-files/", {"file": pdf("x", b"")}, format="multipart").status_code == 400


@pytest.mark.parametrize("value", ["x", 7, ["a"], "../../etc", "c56a4180-65aa-42ec-a945-5fd21dec0538"])
def test_no_key_of_a_file_of_theirs_is_refused_in_words(
    value: Any, move: CatalogItem, requester: User, as_actor: Callable[[User], Actor]
) -> None:
    with pytest.raises(InvalidInput, match="Send the file first"):
        submit(actor=as_actor(requester), items=[Wish("move", 1, {"room": "1", "plan": value})])


def test_a_confidential_file_is_for_who_reads_its_answer(
    requester: User, person: Callable[..., User], as_actor: Callable[[User], Actor], web: Callable[[User], Client]
) -> None:
    item = an_item("move", questions=[{**PLAN, "audience": "confidential"}, ROOM])
    works, other = person("agent", item.team, username="works"), person("agent", username="other")
    asker = as_actor(requester)
    key = sent(asker)
    assert status(web(works), f"/files/{key}/") == 404
    made, _dropped = submit(actor=asker, items=[Wish("move", 1, {"room": "1", "plan": key})])
    assert status(web(other), made.get_absolute_url()) == 200
    given = [status(web(one), f"/files/{key}/") for one in (requester, works, other)]
    assert given == [200, 200, 404]
    assert "plan.pdf" not in web(other).get(made.get_absolute_url()).content.decode()


def test_what_nothing_was_asked_with_is_forgotten_and_what_is_purged_goes_too(
    move: CatalogItem, requester: User, as_actor: Callable[[User], Actor]
) -> None:
    asker, now = as_actor(requester), timezone.now()
    used, unused = sent(asker), sent(asker)
    made, _dropped = submit(actor=asker, items=[Wish("move", 1, {"room": "1", "plan": used})])
    assert items.forget_unused(now + timedelta(hours=23)) == 0
    assert items.forget_unused(now + timedelta(hours=25)) == 1
    assert items.forget_unused(now + timedelta(hours=25)) == 0
    assert not Attachment.objects.filter(key=unused).exists()
    purge_texts([made.pk])
    assert not Attachment.objects.exists()
    assert not Note.objects.filter(record_kind="form_upload").exists()
    assert not FormUpload.objects.exists()


def test_a_file_has_no_default_and_is_looked_at_only_for_whether_it_is_there() -> None:
    sections = [{"key": "s", "title": "S", "questions": [{**PLAN, "default": "x"}]}]
    with pytest.raises(FormRefused, match="begins empty"):
        parse_form({"sections": sections})
    when = {"all": [{"field": "plan", "op": "is", "value": "x"}]}
    sections[0]["questions"] = [PLAN, {**ROOM, "show_when": when}]
    with pytest.raises(FormRefused):
        parse_form({"sections": sections})
    with pytest.raises(FormRefused, match="accept"):
        parse_form({"sections": [{"key": "s", "title": "S", "questions": [{**PLAN, "rules": {"accept": "exe"}}]}]})


def test_a_preview_keeps_no_file(move: CatalogItem, agent: User, web: Callable[[User], Client]) -> None:
    page = web(agent).post("/catalog/items/move/preview/", {"answers.plan": pdf(), "answers.room": "4.12"})
    assert page.status_code == 200
    assert "plan.pdf" in page.content.decode()
    assert not Attachment.objects.filter(withdrawn_at=None).exists()
