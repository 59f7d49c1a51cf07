"""Sources of deliveries: kept by who may, with a secret that is shown once."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from changes.delivery import permissions
from changes.delivery.adapters import github, gitlab
from changes.delivery.formats import generic
from changes.delivery.models import DeliverySource, DeploymentRoute, PlatformDelivery
from changes.delivery.models.sources import new_key
from changes.delivery.vocabulary import Platform
from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.intake.sources import keep, kept_mapping
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.notifications.outgoing import OutgoingRefused
from itsm.notifications.targets import target_of

EDITABLE = ("name", "account", "credential", "mapping", "api_url", "app_id", "api_credential")
BOTH_COUNT = timedelta(hours=24)  # after a new secret was made
MOST = 20  # of a platform: each of their secrets is tried
_APIS = {Platform.GITHUB.value: github.API, Platform.GITLAB.value: gitlab.API}


@transaction.atomic
def add_source(
    *, actor: Actor, slug: str, name: str, platform: str, at: datetime, **fields: Any
) -> tuple[DeliverySource, str]:
    """A new source, and its secret as the platform has to be told it; "" where it is a credential's.

    Raises NotPermitted, InvalidInput, Conflict (the slug is taken, or there are too many).
    """
    _require_keeper(actor)
    checked = _checked(platform, {"api_url": _APIS.get(platform, "")} | fields)
    if "account" not in checked:
        raise InvalidInput.about("account", gettext("Name the program that it acts as."))
    if DeliverySource.objects.filter(platform=platform, retired_at=None).count() >= MOST:
        raise Conflict(gettext("There are at most %(most)s sources of a platform.") % {"most": MOST})
    source = DeliverySource(slug=slug, name=name, platform=platform, created_at=at, **checked)
    keep(source, taken=gettext("There is a source of this name."))
    lifecycle.created(source, actor=actor, changes={"slug": [None, slug], "platform": [None, platform]}, at=at)
    return source, "" if source.credential else source.secrets(at)[0]


def edit_source(source: DeliverySource, *, actor: Actor, version: int | None, **fields: Any) -> DeliverySource:
    """Change these of it. Raises NotPermitted (what says where something is deployed: also with a stake in a service
    of which it tells), InvalidInput, StaleVersion, VersionRequired.
    """
    _require_keeper(actor)
    checked = _checked(source.platform, fields)
    if checked.get("mapping", source.mapping) != source.mapping:
        _require_no_stake(source, actor, doing=gettext("say where the deployments of a source stand"))
    with lifecycle.edit(source, actor=actor, version=version) as current:
        for name, value in checked.items():
            setattr(current, name, value)
    return current


def rotate(source: DeliverySource, *, actor: Actor, version: int | None, at: datetime) -> tuple[DeliverySource, str]:
    """A new secret, shown this once; the one before counts for a day more.

    Raises NotPermitted, Conflict (its secret is a credential: change that), StaleVersion, VersionRequired.
    """
    _require_keeper(actor)
    if source.credential:
        raise Conflict(gettext("Its secret is a credential: put another into HEADROOM_SECRETS_DIR."))
    with lifecycle.edit(source, actor=actor, version=version, event="rotated") as current:
        current.key_before, current.before_until = current.key, at + BOTH_COUNT
        current.key = new_key()
    return current, current.secrets(at)[0]


def retire_source(source: DeliverySource, *, actor: Actor, version: int | None, at: datetime) -> DeliverySource:
    """It takes nothing any more; what came stays.

    Raises NotPermitted (also with a stake in a service of which it tells), Conflict, StaleVersion, VersionRequired.
    """
    _require_keeper(actor)
    _require_no_stake(source, actor, doing=gettext("retire a source of deliveries"))
    with lifecycle.edit(source, actor=actor, version=version, event="retired") as current:
        if current.retired_at is not None:
            raise Conflict(gettext("It is retired."))
        current.retired_at = at
    return current


def source_for_events(*, actor: Actor, at: datetime) -> DeliverySource | None:
    """The one through which a program's CDEvents come, made with its first; None where that was retired.

    Raises NotPermitted.
    """
    if not permissions.tellers(actor) or actor.id is None:
        raise NotPermitted(gettext("Programs that may ask the gate tell of deployments."))
    live = DeliverySource.objects.filter(platform=Platform.CDEVENTS, retired_at=None)
    found = live.filter(account=actor.id).select_related("account").order_by("pk").first()
    if found is not None:
        return found
    with transaction.atomic():
        made, is_new = DeliverySource.objects.get_or_create(
            slug=f"cdevents-{actor.id}",
            defaults={"name": f"CDEvents: {actor.name}"[:120], "platform": Platform.CDEVENTS, "account_id": actor.id,
                      "created_at": at},
        )  # fmt: skip
        if is_new:
            return lifecycle.created(made, actor=Actor.system("deliveries"), at=at)
    return made if made.retired_at is None else None


def _require_no_stake(source: DeliverySource, actor: Actor, *, doing: str) -> None:
    """What is no longer told, or told of another place, is not looked for: see `mapping`."""
    mapped = DeploymentRoute.objects.filter(source=source).values_list("service", flat=True)
    told = PlatformDelivery.objects.filter(source=source, deployment__isnull=False)
    named = told.order_by().values_list("deployment__service", flat=True).distinct()
    require_no_interest(actor, {*mapped, *named}, doing=doing)


def _require_keeper(actor: Actor) -> None:
    if not permissions.keepers(actor):
        raise NotPermitted(gettext("Change managers and administrators, in person, keep sources of deliveries."))


def _checked(platform: str, fields: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in fields.items() if name in EDITABLE}
    if "mapping" in kept:
        kept["mapping"] = kept_mapping(kept["mapping"], generic.checked)
    account = kept.get("account")
    if "account" in kept and (account is None or account.is_human):
        raise InvalidInput.about("account", gettext("A program tells of deployments, not a person."))
    if kept.get("api_url"):
        _require_address(kept["api_url"])
    if kept.get("app_id") and not (kept["app_id"].isascii() and kept["app_id"].isalnum()):
        raise InvalidInput.about("app_id", gettext("The number of a GitHub App has digits, or letters and digits."))
    return kept


def _require_address(url: str) -> None:
    try:
        target_of(url, None)
    except OutgoingRefused as error:
        raise InvalidInput.about("api_url", str(error)) from error
