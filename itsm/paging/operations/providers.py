"""Every write to providers: administrators alone."""

import json
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.notifications.addresses import OutgoingFailed, OutgoingRefused, permitted_addresses
from itsm.notifications.credentials import CredentialMissing
from itsm.notifications.targets import target_of
from itsm.paging.adapters import gateways
from itsm.paging.models import PagingProvider
from itsm.paging.models.providers import new_token
from itsm.paging.permissions import administrators
from itsm.paging.vocabulary import PHONES

MOST = 20


def create(*, actor: Actor, **said: Any) -> PagingProvider:
    """A gateway, in use at once. Raises NotPermitted, InvalidInput, Conflict."""
    _require_administrator(actor)
    made = PagingProvider(**{name: _stripped(value) for name, value in said.items()})
    _check(made)
    if PagingProvider.objects.count() >= MOST:
        raise Conflict(_("There are at most %(most)d providers.") % {"most": MOST})
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            lifecycle.created(made, actor=actor, changes={"url": [None, made.url], "channel": [None, made.channel]})
    except IntegrityError as error:
        raise Conflict(_("There is already a provider called %(name)s.") % {"name": made.name}) from error
    return made


def edit(provider: PagingProvider, *, actor: Actor, version: int | None, **said: Any) -> PagingProvider:
    """Change what is named. Raises NotPermitted, InvalidInput, Conflict, StaleVersion, VersionRequired."""
    _require_administrator(actor)
    try:
        with lifecycle.edit(provider, actor=actor, version=version) as current:
            for name, value in said.items():
                setattr(current, name, _stripped(value))
            current.open_until = None
            _check(current)
    except IntegrityError as error:
        raise Conflict(_("There is already a provider called %(name)s.") % {"name": said.get("name")}) from error
    return current


def switch(
    provider: PagingProvider, *, actor: Actor, on: bool, at: datetime, version: int | None = None
) -> PagingProvider:
    """Ask it no more, or again. Raises NotPermitted, WrongState, StaleVersion."""
    _require_administrator(actor)
    event = "switched_on" if on else "switched_off"
    with lifecycle.edit(provider, actor=actor, version=version, version_required=False, event=event) as current:
        if on == (current.off_at is None):
            raise WrongState(_("It is so already."), state="on" if on else "off")
        current.off_at, current.open_until = None if on else at, None
    return current


def rotate(provider: PagingProvider, *, actor: Actor, version: int | None = None) -> PagingProvider:
    """Another address for its reports and replies; the one before is nobody's. Raises NotPermitted, StaleVersion."""
    _require_administrator(actor)
    with lifecycle.edit(provider, actor=actor, version=version, version_required=False, event="rotated") as current:
        current.token = new_token()
    return current


def _require_administrator(actor: Actor) -> None:
    if not administrators(actor):
        raise NotPermitted(_("Providers are kept by administrators."))


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _check(provider: PagingProvider) -> None:
    if provider.channel not in PHONES:
        raise InvalidInput.about("channel", _("A provider reaches phones: sms or voice."))
    _check_template(provider)
    for name in ("ok_pointer", "id_pointer"):
        if (pointer := getattr(provider, name)) and not pointer.startswith("/"):
            raise InvalidInput.about(name, _("A JSON pointer begins with a slash, such as /messages/0/status."))
    try:
        target = target_of(provider.url, None)
        if provider.auth != PagingProvider.Auth.NONE:
            if not provider.credential:
                raise InvalidInput.about("credential", _("Name the credential that it signs in with."))
            gateways.credentials_for(provider)
        permitted_addresses(target.host, target.port)
    except CredentialMissing as error:
        raise InvalidInput.about("credential", str(error)) from error
    except OutgoingRefused as error:
        raise InvalidInput.about("url", str(error)) from error
    except OutgoingFailed:  # a name that has no address now may get one
        return


def _check_template(provider: PagingProvider) -> None:
    if "{to}" not in provider.template or "{text}" not in provider.template:
        raise InvalidInput.about("template", _("It has to hold {to} and {text}; {id} where the provider takes one."))
    if provider.body == PagingProvider.Body.JSON:
        try:
            json.loads(gateways.rendered(provider, to='+4900"', text='a "quoted"\nline', key="page-1"))
        except ValueError as error:
            raise InvalidInput.about(
                "template", _("This is no JSON once {to}, {text} and {id} are filled in; put quotes around them.")
            ) from error
