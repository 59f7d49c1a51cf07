"""A person connects a software agent, and says what it may do."""

import re
import unicodedata
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.models import User
from itsm.accounts.operations.checks import require_active
from itsm.accounts.step_up import require_proof
from itsm.agents.models import Agent
from itsm.agents.operations import checks
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict

# Of one person, at the same time: an agent that is forgotten is one that nobody watches.
MOST = 20
_TRIES = 5
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@transaction.atomic
def connect(
    *,
    actor: Actor,
    name: str,
    capabilities: Collection[str],
    at: datetime,
    purpose: str = "",
    outward_after_reading: Collection[str] = (),
) -> Agent:
    """A software agent that acts for this person; it opens nothing before it is given a token.

    `capabilities`: what it may do, of what its owner may; `outward_after_reading`: those whose tools may write outward
    although words of strangers were read within the hour. Its user name is `agent+<name>`, with
    some letters more where that is taken.
    Raises NotPermitted (programs, narrowed tokens), InvalidInput, Conflict (they have twenty), PasswordNeeded (for
    `outward_after_reading`).
    """
    checks.in_person(actor)
    owner = User.objects.get(pk=actor.account_id)
    require_active(owner)
    wide = checks.known(outward_after_reading, "outward_after_reading")
    if wide:
        require_proof(actor, doing=gettext("let an agent write outward after reading words of strangers"))
    agent = Agent(
        purpose=checks.short(purpose, "purpose", checks.LONGEST_PURPOSE),
        capabilities=checks.some(capabilities),
        outward_after_reading=wide,
        created_at=at,
    )
    name = checks.named(name)
    _refuse_many(owner)
    agent.account = _account(owner, name)
    agent.save(force_insert=True)
    told = {"owner": [None, owner.username], "capabilities": [[], agent.capabilities], "name": [None, name]}
    if wide:
        told["outward_after_reading"] = [[], wide]
    return lifecycle.created(agent, actor=actor, changes=told, at=at)


@transaction.atomic
def edit(agent: Agent, *, actor: Actor, version: int | None, version_required: bool = True, **fields: Any) -> Agent:
    """Say anew what it is called (`name`), for what (`purpose`), and what it may do (`capabilities`,
    `outward_after_reading`). What is taken away is gone at its next call, whatever its tokens were given.

    Raises NotPermitted (all but its owner), InvalidInput, Conflict (it has ended), PasswordNeeded (for more of
    `outward_after_reading`, and for a capability that stands there already), StaleVersion, VersionRequired.
    """
    checks.owner_only(actor, agent)
    if "capabilities" in fields:
        fields["capabilities"] = checks.some(fields["capabilities"])
    if "outward_after_reading" in fields:
        fields["outward_after_reading"] = checks.known(fields["outward_after_reading"], "outward_after_reading")
    if "purpose" in fields:
        fields["purpose"] = checks.short(fields["purpose"], "purpose", checks.LONGEST_PURPOSE)
    name = checks.named(fields.pop("name")) if "name" in fields else None
    if name is not None:  # it is written into the account, which everybody holds before the agent
        User.objects.select_for_update(no_key=True).get(pk=agent.account_id)
    with lifecycle.edit(agent, actor=actor, version=version, version_required=version_required) as current:
        checks.still_there(current)
        before = {*current.outward_after_reading}, current.writing_outward(current.capabilities)
        for field, value in fields.items():
            setattr(current, field, value)
        after = {*current.outward_after_reading}, current.writing_outward(current.capabilities)
        if not (after[0] <= before[0] and after[1] <= before[1]):
            require_proof(actor, doing=gettext("let an agent write outward after reading words of strangers"))
        renamed = name is not None and name != current.account.name
        if renamed:
            called = current.account.name
            User.objects.filter(pk=current.account_id).update(name=name)
            current.version += 1
            Agent.objects.filter(pk=current.pk).update(version=current.version)
            lifecycle.announce(current, "renamed", actor=actor, changes={"name": [called, name]})
    current.refresh_from_db()
    return current


def _refuse_many(owner: User) -> None:
    if User.objects.filter(owner=owner, account_type=User.AccountType.AGENT, is_active=True).count() >= MOST:
        said = gettext("You have %(most)s software agents: end one that is not used first.")
        raise Conflict(said % {"most": MOST})


def _account(owner: User, name: str) -> User:
    """The agent's account, under the first name that is free. Two at once: the database lets one have it."""
    for login in _logins(name):
        account = User(
            username=login,
            name=name,
            account_type=User.AccountType.AGENT,
            owner=owner,
            time_zone=owner.time_zone,
            password=make_password(None),
        )
        try:
            with transaction.atomic():
                account.save(force_insert=True)
        except IntegrityError:
            continue
        return account
    raise Conflict(gettext("You have many agents of this name; choose another one."))


def _logins(name: str) -> list[str]:
    """Nothing of whom it acts for: a user name stands in histories, which outlive who is erased."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    word = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "agent"
    return [f"agent+{word}", *(f"agent+{word}-{get_random_string(5, _LETTERS)}" for _ in range(_TRIES))]
