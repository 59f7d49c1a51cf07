"""The picture of an item: seen by whom the item is offered to, and no file that is none."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from catalog.items import operations
from catalog.models import CatalogItem
from itsm.accounts.models import User
from itsm.kernel.errors import InvalidInput, NotPermitted
from tests.api.world import browser
from tests.factories.files import picture, received
from tests.factories.items import a_live_item, edited, published
from tests.factories.knowledge import somebody

pytestmark = pytest.mark.django_db


def _given(user: User, path: str) -> int:
    answer: Any = browser(user).get(path)
    if answer.streaming:
        for close in answer._resource_closers:  # the answer itself would close the database's connection too
            close()
    return int(answer.status_code)


def _pictured(item: CatalogItem, name: str, bytes_: bytes) -> CatalogItem:
    now = CatalogItem.objects.get(pk=item.pk)
    return operations.set_picture(
        now, received(name, bytes_), actor=somebody("owner", "item-writer"), version=now.version, at=timezone.now()
    )


def test_a_picture_is_seen_once_its_version_is_live_by_whom_it_is_offered_to() -> None:
    requester, agent = (User.objects.create(username=f"some {role}", roles=[role]) for role in ("requester", "agent"))
    item = _pictured(a_live_item(), "port.png", picture())
    path = item.newest.picture_url
    assert (item.number, item.live) == (2, 1)
    assert (_given(requester, path), _given(agent, path)) == (404, 200)
    published(item)
    assert _given(requester, path) == 200
    assert path in browser(requester).get(item.get_absolute_url()).content.decode()
    edited(item, entitlements=[{"token": "staff", "allow": True}])
    assert (_given(requester, path), _given(agent, path)) == (404, 200)


def test_what_is_no_picture_and_who_writes_nothing_is_refused() -> None:
    item = a_live_item()
    for name, bytes_ in (("port.png", b"#!/bin/sh"), ("page.html", b"<script>alert(1)</script>"), ("empty.png", b"")):
        with pytest.raises(InvalidInput):
            _pictured(item, name, bytes_)
    with pytest.raises(NotPermitted):
        operations.set_picture(
            item, received("a.png", picture()), actor=somebody("agent"), version=item.version, at=timezone.now()
        )
    assert CatalogItem.objects.get().number == 1


def test_a_picture_is_sent_over_rest_by_who_writes_the_item(api: Any) -> None:
    item = a_live_item()
    somebody("owner", "item-writer")
    client, where = api(User.objects.get(username="item-writer")), f"/api/v1/catalog-items/{item.slug}/picture/"
    sent = {"file": SimpleUploadedFile("port.png", picture())}
    assert client.post(where, sent, format="multipart").status_code == 428
    sent["file"].seek(0)
    made = client.post(where, sent, format="multipart", HTTP_IF_MATCH=f'"{item.version}"')
    assert made.status_code == 201
    assert CatalogItem.objects.get().newest.picture_url
    odd = {"file": SimpleUploadedFile("port.png", b"#!/bin/sh")}
    now = CatalogItem.objects.get().version
    refused = client.post(where, odd, format="multipart", HTTP_IF_MATCH=f'"{now}"')
    assert refused.status_code == 400
    assert "no picture" in refused.json()["detail"]
    odd["file"].seek(0)
    requester = api(User.objects.create(username="asks", roles=["requester"]))
    assert requester.post(where, odd, format="multipart", HTTP_IF_MATCH=f'"{now}"').status_code == 403
