"""Trusting issuers and mapping workloads: by two administrators, or by one who shows once more who they are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts.models import Token, User
from itsm.accounts.operations.checks import require_active
from itsm.administration.operations import is_alone
from itsm.administration.seconding import ask_another
from itsm.approvals.confirming import Difference
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.kernel.texts import is_blank
from itsm.notifications.addresses import OutgoingRefused
from itsm.webhooks.sending import judged
from itsm.workload_identity import claims as of_claims
from itsm.workload_identity import permissions
from itsm.workload_identity.models import MAX_ISSUER, TrustedIssuer, UnmappedWorkload, WorkloadMapping

TRUST = "workload identity: trust an issuer"
MAP = "workload identity: map a workload"


def trust_issuer(*, actor: Actor, name: str, issuer: str, at: datetime) -> TrustedIssuer:
    """Believe tokens that this issuer signs. It `awaits` a second administrator, where there is one.

    Raises NotPermitted, PasswordNeeded (no other administrator: once more who you are), InvalidInput, Conflict.
    """
    _require_keeper(actor)
    issuer = _address(issuer)
    if is_blank(name) or len(name.strip()) > 80:
        raise InvalidInput.about("name", _("A name has 1 to 80 characters."))
    alone = is_alone(actor, doing=_("trust an issuer"))
    made = TrustedIssuer(name=name.strip(), issuer=issuer, trusted_by_id=actor.account_id, asked_at=at)
    difference = Difference(_("Tokens of workloads signed by"), _("nobody new"), issuer)
    subject = _("Trust pipelines of %(name)s") % {"name": made.name}
    _keep(made, alone, actor, at, {"issuer": [None, issuer]}, taken=_("This issuer is trusted, or proposed, already."))
    return made if alone else _proposed(made, TRUST, subject, difference, actor, at)


def map_workload(
    *, actor: Actor, issuer: TrustedIssuer, claims: Mapping[str, str], account: User, at: datetime
) -> WorkloadMapping:
    """Workloads that make these claims are this service account; it `awaits` a second administrator, if there is one.

    Raises NotPermitted, PasswordNeeded, InvalidInput, Conflict, WrongState (the issuer was withdrawn).
    """
    _require_keeper(actor)
    checked = of_claims.checked(claims)
    if account.is_human:
        said = _("%(account)s is a person: workloads are service accounts, which somebody answers for.")
        raise InvalidInput.about("account", said % {"account": account.username})
    require_active(account)
    if issuer.withdrawn_at is not None:
        raise WrongState(_("%(issuer)s is trusted no longer.") % {"issuer": issuer.name})
    alone = is_alone(actor, doing=_("let a workload in"))
    made = WorkloadMapping(
        issuer=issuer, claims=checked, account=account, mapped_by_id=actor.account_id, asked_at=at
    )  # fmt: skip
    difference = Difference(_("Workloads of %(name)s") % {"name": issuer.name}, made.said, account.username)
    subject = _("Let a workload of %(name)s in as %(account)s") % {"name": issuer.name, "account": account.username}
    told = {"claims": [None, checked], "account": [None, account.username]}
    _keep(made, alone, actor, at, told, taken=_("These claims are mapped already."))
    return made if alone else _proposed(made, MAP, subject, difference, actor, at)


def _keep(made: Any, alone: bool, actor: Actor, at: datetime, told: Mapping[str, Any], *, taken: str) -> None:
    made.trusted_at = at if alone else None
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            lifecycle.created(made, actor=actor, changes=told, at=at)
            if alone and isinstance(made, WorkloadMapping):
                _listed_no_more(made)
    except IntegrityError as error:
        raise Conflict(taken) from error


def _proposed(made: Any, action: str, subject: str, difference: Difference, actor: Actor, at: datetime) -> Any:
    made.awaits = ask_another(
        made, action=action, subject=subject, differences=[difference], payload={"version": made.version}, actor=actor,
        at=at,
    )  # fmt: skip
    return made


def trust_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """What a second administrator confirmed. Raises WrongState where it was withdrawn meanwhile."""
    _confirmed(TrustedIssuer.objects.get(pk=confirmation.record_id), actor, at)


def map_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """The same of a mapping. Raises WrongState likewise."""
    mapping = WorkloadMapping.objects.get(pk=confirmation.record_id)
    _confirmed(mapping, actor, at)
    _listed_no_more(mapping)


def _confirmed(one: Any, actor: Actor, at: datetime) -> None:
    with lifecycle.edit(one, actor=actor, version=None, version_required=False, event="trusted") as current:
        if current.withdrawn_at is not None:
            raise WrongState(_("It was withdrawn before it was confirmed."))
        current.trusted_at = current.trusted_at or at


def _listed_no_more(mapping: WorkloadMapping) -> None:
    """Workloads that it lets in are not listed as unmapped any more."""
    listed = UnmappedWorkload.objects.filter(issuer=mapping.issuer_id)
    listed.filter(pk__in=[one.pk for one in listed if of_claims.fits(mapping.claims, one.claims)]).delete()


@transaction.atomic
def withdraw(one: Any, *, actor: Actor, version: int | None, at: datetime) -> Any:
    """It lets nobody in any more, and whom it let in has to go: their tokens end at once. For an issuer: all of it.

    Raises NotPermitted, WrongState (withdrawn already), StaleVersion, VersionRequired.
    """
    _require_keeper(actor)
    with lifecycle.edit(one, actor=actor, version=version, event="withdrawn") as current:
        if current.withdrawn_at is not None:
            raise WrongState(_("It was withdrawn already."))
        current.withdrawn_at = at
    mappings = one.mappings.all() if isinstance(one, TrustedIssuer) else WorkloadMapping.objects.filter(pk=one.pk)
    list(mappings.select_for_update(of=("self",), no_key=True).order_by("pk"))  # who comes in now waits, and sees it
    used = mappings.filter(uses__token__revoked_at=None, uses__token__expires_at__gt=at).values("uses__token")
    Token.objects.filter(pk__in=used).update(revoked_at=at)
    return current


def _address(issuer: str) -> str:
    """As it stands in tokens, to the letter. Raises InvalidInput."""
    text = issuer.strip()
    try:
        parts = urlsplit(text)
        named = parts.hostname and parts.scheme in ("https", "http")
    except ValueError:
        named, parts = False, urlsplit("")
    if not named or parts.query or parts.fragment or parts.username or len(text) > MAX_ISSUER:
        said = _("Say the issuer as its tokens do (iss): an https address without query, at most %(most)s characters.")
        raise InvalidInput.about("issuer", said % {"most": MAX_ISSUER})
    try:
        judged(text)
    except OutgoingRefused as error:
        raise InvalidInput.about("issuer", str(error)) from error
    return text


def _require_keeper(actor: Actor) -> None:
    if not permissions.keepers(actor):
        raise NotPermitted(_("Administrators, people, say whose pipelines may come in."))
