"""A public page with two components, and a snapshot folder of its own."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.utils import timezone

from itsm.kernel.actors import Actor
from itsm.statuspage.models import Component, StatusPage
from itsm.statuspage.operations import keeping


class Acme(NamedTuple):
    """`shop` and `search` are components of `page`; `speaker` publishes."""

    page: StatusPage
    shop: Component
    search: Component
    speaker: Actor


@pytest.fixture(autouse=True)
def snapshot_folder(settings: Any, tmp_path: Path) -> Path:
    settings.STATUS_DIR = str(tmp_path / "status")
    return tmp_path / "status"


@pytest.fixture
def acme(db: None, manager: Any, agent: Any, as_actor: Any) -> Acme:
    keeper, at = as_actor(manager), timezone.now()
    page = keeping.create_page(actor=keeper, name="Acme", slug="acme", zone="Europe/Berlin")
    shop = keeping.add_component(page, actor=keeper, at=at, name="Shop", group="Buying")
    search = keeping.add_component(page, actor=keeper, at=at, name="Search", group="Buying")
    return Acme(page, shop, search, as_actor(agent))
