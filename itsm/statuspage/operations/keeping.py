"""Pages and their components: made, changed, taken off."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.alike import told_apart
from itsm.clocks.hours_format import zone_called
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.kernel.texts import read_alike
from itsm.slugs import free_slug, slug_shape
from itsm.statuspage.models import Component, ComponentSpan, Maintenance, PublicIncident, StatusPage
from itsm.statuspage.operations.owing import owe_snapshot
from itsm.statuspage.permissions import keepers
from itsm.statuspage.vocabulary import MaintenanceStatus, Visibility
from slo.objectives.queries.daily_shares import is_known

# What stands below /status/ beside pages.
RESERVED = frozenset({"assets", "confirm", "unsubscribe", "api", "new", "about", "updates"})
MOST_COMPONENTS = 100


def _require_keeper(actor: Actor) -> None:
    if not keepers(actor):
        raise NotPermitted(gettext("Change managers and administrators say what a status page shows."))


def hash_of(key: str) -> str:
    """What is kept of a page's key: it is long and random, so that a plain hash will do."""
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def create_page(
    *,
    actor: Actor,
    name: str,
    slug: str = "",
    about: str = "",
    visibility: str = Visibility.PUBLIC,
    zone: str = "UTC",
) -> StatusPage:
    """Begin a page; without a slug it gets one by its name. A page by key has `new_key` set, shown this once.

    Raises NotPermitted, InvalidInput, Conflict (the slug is taken).
    """
    _require_keeper(actor)
    _check_page(visibility, zone)
    _require_free(slug)
    made = StatusPage(
        name=name.strip(), slug=slug or free_slug(name, StatusPage.objects, otherwise="status", reserved=RESERVED),
        about=about, visibility=visibility, zone=zone,
    )  # fmt: skip
    key = _keyed(made)
    lifecycle.require_readable(made)
    made.save(force_insert=True)
    lifecycle.created(made, actor=actor, changes={"name": [None, made.name], "visibility": [None, visibility]})
    owe_snapshot()
    made.new_key = key  # type: ignore[attr-defined]
    return made


def _check_page(visibility: str, zone: str) -> None:
    zone_called(zone)
    if visibility not in Visibility.values:
        sentence = gettext("Say one of: %(words)s.") % {"words": ", ".join(Visibility.values)}
        raise InvalidInput.about("visibility", sentence)


def _require_free(slug: str) -> None:
    try:
        if slug:
            slug_shape(slug)
    except ValidationError as error:
        raise InvalidInput.about("slug", error.messages[0]) from error
    if slug in RESERVED:
        raise InvalidInput.about("slug", gettext("This word stands for something else there."))
    if slug and StatusPage.objects.filter(slug=slug).exists():
        raise Conflict(gettext("There is a page %(slug)s already.") % {"slug": slug})


def _keyed(page: StatusPage) -> str:
    """Give it a key where it is opened by one, and none where it is not. The new key, "" where it keeps what it has."""
    if page.visibility != Visibility.KEY:
        page.key_hash = ""
    elif not page.key_hash:
        key = secrets.token_urlsafe(24)
        page.key_hash = hash_of(key)
        return key
    return ""


def edit_page(page: StatusPage, *, actor: Actor, version: int | None, **said: Any) -> StatusPage:
    """Change name, about, visibility or zone. Where it is opened by a key from now on, `new_key` is it, shown once.

    Raises NotPermitted, InvalidInput, WrongState (it was taken off), StaleVersion, VersionRequired.
    """
    _require_keeper(actor)
    with lifecycle.edit(page, actor=actor, version=version) as current:
        _require_shown(current)
        for field, value in said.items():
            setattr(current, field, value.strip() if field == "name" else value)
        _check_page(current.visibility, current.zone)
        key = _keyed(current)
    owe_snapshot()
    current.new_key = key  # type: ignore[attr-defined]
    return current


def _require_shown(page: StatusPage) -> None:
    if page.retired_at is not None:
        raise WrongState(gettext("This page was taken off."), state="retired")


def rekey_page(page: StatusPage, *, actor: Actor, version: int | None = None) -> StatusPage:
    """Another key; the one before opens nothing any longer. `new_key` is it, shown once.

    Raises NotPermitted, WrongState (no key opens it), StaleVersion.
    """
    _require_keeper(actor)
    with lifecycle.edit(page, actor=actor, version=version, version_required=False, event="rekeyed") as current:
        _require_shown(current)
        if current.visibility != Visibility.KEY:
            raise WrongState(gettext("No key opens this page."), state=current.visibility)
        current.key_hash = ""
        key = _keyed(current)
    current.new_key = key  # type: ignore[attr-defined]
    return current


def retire_page(page: StatusPage, *, actor: Actor, at: datetime, version: int | None = None) -> StatusPage:
    """Nobody reads it any longer, and who subscribed is forgotten. What was said stays for who works here.

    Raises NotPermitted, WrongState (it was taken off, or something open stands on it), StaleVersion.
    """
    _require_keeper(actor)
    with lifecycle.edit(page, actor=actor, version=version, version_required=False, event="retired") as current:
        _require_shown(current)
        over = (MaintenanceStatus.COMPLETED, MaintenanceStatus.CANCELLED)
        if (
            PublicIncident.objects.filter(page=current, resolved_at=None).exists()
            or Maintenance.objects.filter(page=current).exclude(status__in=over).exists()
        ):
            raise WrongState(gettext("Something open stands on it: end that first."), state="open")
        current.retired_at = at
        current.subscribers.all().delete()
        owe_snapshot()
    return current


@transaction.atomic
def add_component(
    page: StatusPage,
    *,
    actor: Actor,
    at: datetime,
    name: str,
    about: str = "",
    group: str = "",
    position: int | None = None,
    service: Any = None,
    objective: str = "",
) -> Component:
    """A line more on the page, the last where no place is said. `service`: whose trouble suggests to speak;
    `objective`: the slug of what measures its days.

    Raises NotPermitted, InvalidInput, Conflict (the name stands there), WrongState (the page was taken off).
    """
    _require_keeper(actor)
    locked = lifecycle.locked(page)
    _require_shown(locked)
    shown = Component.objects.filter(page=locked, retired_at=None)
    if shown.count() >= MOST_COMPONENTS:
        raise Conflict(gettext("A page shows at most %(most)d components.") % {"most": MOST_COMPONENTS})
    _check_component(locked, name, objective)
    last = shown.order_by("-position").values_list("position", flat=True).first()
    made = Component(
        page=locked, name=name.strip(), about=about, group=group.strip(), service=service, objective=objective,
        position=position if position is not None else (0 if last is None else last + 1), created_at=at,
    )  # fmt: skip
    lifecycle.require_readable(made)
    with told_apart(lambda: _shown_already(locked, made.name)):
        made.save(force_insert=True)
    lifecycle.created(made, actor=actor, changes={"name": [None, made.name], "page": [None, locked.slug]}, at=at)
    owe_snapshot()
    return made


def _check_component(page: StatusPage, name: str, objective: str, own: tuple[int, ...] = ()) -> None:
    shown = Component.objects.filter(page=page, retired_at=None, name_key=read_alike(name))
    if shown.exclude(pk__in=own).exists():
        raise _shown_already(page, name)
    if objective and not is_known(objective):
        raise InvalidInput.about("objective", gettext("There is no objective %(slug)s.") % {"slug": objective[:63]})


def _shown_already(page: StatusPage, name: str) -> Conflict:
    return Conflict(gettext("%(page)s shows a %(name)s already.") % {"page": page.name, "name": name.strip()})


def edit_component(component: Component, *, actor: Actor, version: int | None, **said: Any) -> Component:
    """Change name, about, group, position, service or objective.

    Raises NotPermitted, InvalidInput, Conflict, WrongState (it was taken off), StaleVersion, VersionRequired.
    """
    _require_keeper(actor)
    wanted = said.get("name", component.name)
    with (
        told_apart(lambda: _shown_already(component.page, wanted)),
        lifecycle.edit(component, actor=actor, version=version) as current,
    ):
        if current.retired_at is not None:
            raise WrongState(gettext("This component was taken off."), state="retired")
        for field, value in said.items():
            setattr(current, field, value.strip() if field in ("name", "group") else value)
        _check_component(current.page, current.name, current.objective, (current.pk,))
    owe_snapshot()
    return current


def retire_component(component: Component, *, actor: Actor, at: datetime, version: int | None = None) -> Component:
    """It is shown no longer; what was said of it stays.

    Raises NotPermitted, WrongState (it was taken off), StaleVersion.
    """
    _require_keeper(actor)
    with lifecycle.edit(component, actor=actor, version=version, version_required=False, event="retired") as current:
        if current.retired_at is not None:
            raise WrongState(gettext("This component was taken off."), state="retired")
        current.retired_at = at
        for span in ComponentSpan.objects.filter(component=current, ended_at=None):
            span.ended_at = max(at, span.began_at)
            span.save(update_fields=["ended_at"])
        owe_snapshot()
    return current
