"""Defining data sources, and keeping how they were lately."""

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.db import IntegrityError, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.notifications.hosts import ascii_host
from itsm.notifications.web_addresses import is_web_address
from itsm.slugs import slug_of
from slo.measuring import permissions
from slo.measuring.models import DataSource
from slo.measuring.operations.dependents import dependents

_MAX_WORDS = 1000
# Where a credential goes, and as whom: any name may be typed, so whoever sets these could send any secret anywhere.
_SIGN_IN = ("url", "auth", "credential", "username", "authority", "tenant_header", "tenant")
_OURS = frozenset(("query", "start", "end", "step", "timeout", "time", "match[]"))  # what questions say themselves


def create_source(*, actor: Actor, slug: str, url: str, name: str = "", **fields: Any) -> DataSource:
    """A new data source. `credential` is the name of a secret, never the secret. Conflict where the slug is taken."""
    _check(actor, {"url": url, **fields})
    if fields.get("auth", DataSource.Auth.NONE) != DataSource.Auth.NONE:
        _check_credential(actor)
    try:
        with transaction.atomic():
            source = DataSource.objects.create(slug=slug, name=name or slug, url=bare_address(url), **fields)
            return lifecycle.created(source, actor=actor, changes={"url": [None, source.url]})
    except IntegrityError as error:
        raise Conflict(gettext("There is already a data source called %(slug)s.") % {"slug": slug}) from error


def edit_source(
    source: DataSource, *, actor: Actor, version: int | None, seconded: Confirmation | None = None, **fields: Any
) -> DataSource:
    """Change its name, address, sign-in, tenant or lag. The next pull uses them.

    With a sign-in, all but name and lag takes a change manager or an administrator; so it does while a
    gating budget that is measured from here is exhausted or burns fast. Where a gating objective is measured from here,
    another place is for people without an interest, and a second person confirms it first (`seconded`).

    Raises NotPermitted, InvalidInput, StaleVersion and VersionRequired.
    """
    if "url" in fields:
        fields["url"] = bare_address(fields["url"])
    with lifecycle.edit(source, actor=actor, version=version) as current:
        before = {name: getattr(current, name) for name in {*_SIGN_IN, *fields}}
        for field, value in fields.items():
            setattr(current, field, value)
        elsewhere = any(before[name] != getattr(current, name) for name in _SIGN_IN)
        if elsewhere:
            dependents().require_budget_authority(current, actor)
            if current.auth != DataSource.Auth.NONE:
                _check_credential(actor)
        _check(
            actor, {name: getattr(current, name) for name in ("url", "auth", "credential", "tenant_header", "tenant")}
        )
        if elsewhere and seconded is None and dependents().must_wait(current, actor):
            current.refresh_from_db()
            current.awaits = dependents().propose_source(current, before, fields, actor=actor, at=timezone.now())
    return current


def edit_source_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """The write that a second person confirmed; StaleVersion where the source has changed since."""
    source, kept = DataSource.objects.get(pk=confirmation.record_id), confirmation.payload
    edit_source(source, actor=actor, version=kept["version"], seconded=confirmation, **kept["fields"])


def delete_source(source: DataSource, *, actor: Actor, version: int | None) -> None:
    """Forget a data source that nothing is pulled from. Conflict while an indicator needs it: its history would end."""
    if not permissions.authors(actor):
        raise NotPermitted(gettext("%(actor_name)s may not delete data sources.") % {"actor_name": actor.name})
    with lifecycle.edit(source, actor=actor, version=version, going=True) as current:
        users = list(current.indicators.order_by("slug").values_list("slug", flat=True)[:4])
        if users:
            raise Conflict(
                gettext("%(source)s still measures %(indicators)s.")
                % {"source": current.slug, "indicators": ", ".join(users[:3]) + (" …" if len(users) > 3 else "")}
            )
        lifecycle.announce(current, "deleted", actor=actor, changes={"url": [current.url, None]})
        DataSource.objects.filter(pk=current.pk).delete()


def source_at(url: str, *, actor: Actor) -> DataSource:
    """The open data source of this address, or a new one named after its host.

    Raises NotPermitted, InvalidInput and Conflict (the slug of its host is taken).
    """
    address = bare_address(url)
    known = (
        DataSource.objects.filter(url=address, auth=DataSource.Auth.NONE, tenant="", authority="")
        .order_by("pk")
        .first()
    )
    if known is not None:
        return known
    if not is_web_address(address):
        raise InvalidInput(gettext("This is no address of a data source."), {"server_url": [gettext("http or https")]})
    parts = urlsplit(address)
    name = f"{ascii_host(parts.hostname or '')}-{parts.port or ''}"
    host = slug_of(name.replace(":", "-").replace(".", "-"))[:55].strip("-") or "prometheus"
    taken = set(DataSource.objects.filter(slug__startswith=host).values_list("slug", flat=True))
    slug = next(name for name in (host, *(f"{host}-{number}" for number in range(2, 1000))) if name not in taken)
    return create_source(actor=actor, slug=slug, url=address)


def bare_address(url: str) -> str:
    """The address without slashes at the end of its path; parameters stay, and go with every question."""
    address, mark, parameters = url.strip().partition("?")
    return address.rstrip("/") + (mark + parameters if parameters else "")


def _fault_of_address(url: str) -> str:
    if not is_web_address(url):
        return gettext("an http or https address, without a user name in it")
    parts = urlsplit(url)
    if parts.fragment or "#" in url:
        return gettext("an address without “#”: what stands behind it is never sent")
    if taken := sorted(_OURS & {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}):
        return gettext("an address without the parameter “%s”, which every question says itself") % taken[0]
    return ""


def note_answer(source: DataSource, *, at: datetime, error: str = "") -> None:
    """How the source's last pull went; `failing_since` keeps the first failure until it works again."""
    now = DataSource.objects.filter(pk=source.pk)
    if error:
        now.update(last_error=error[:_MAX_WORDS], failing_since=Coalesce("failing_since", at))
    else:
        now.update(last_ok_at=at, last_error="", failing_since=None)


def _check_credential(actor: Actor) -> None:
    if not permissions.credential_keepers(actor):
        raise NotPermitted(
            gettext(
                "Where a credential is sent is for change managers and administrators to say; "
                "%(actor_name)s may change the name and the lag."
            )
            % {"actor_name": actor.name}
        )


def _check(actor: Actor, fields: dict[str, Any]) -> None:
    if not permissions.authors(actor):
        raise NotPermitted(gettext("%(actor_name)s may not define data sources.") % {"actor_name": actor.name})
    wrong: dict[str, list[str]] = {}
    if fault := _fault_of_address(fields["url"]):
        wrong["url"] = [fault]
    if (fields.get("auth", DataSource.Auth.NONE) == DataSource.Auth.NONE) == bool(fields.get("credential")):
        wrong["credential"] = [gettext("the name of a secret, where the source asks for a sign-in")]
    if bool(fields.get("tenant")) != bool(fields.get("tenant_header")):
        wrong["tenant"] = [gettext("a tenant and the header that names it")]
    if wrong:
        raise InvalidInput(gettext("The data source cannot be used like this."), wrong)
