"""A policy in shadow: what it would have said is recorded beside what the ruling one said. It decides nothing."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from changes.policies.models import GatePolicy
from changes.policies.operations.drafting import require_keeper
from changes.policies.vocabulary import OPEN
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, WrongState

MOST_SHADOWS = 3


@transaction.atomic
def begin_shadow(policy: GatePolicy, *, actor: Actor, version: int | None, at: datetime) -> GatePolicy:
    """From now on record what it would say. Raises NotPermitted, StaleVersion, WrongState (it rules, ruled or was
    discarded), Conflict (three run in shadow)."""
    require_keeper(actor)
    others = GatePolicy.objects.exclude(shadow_since=None).exclude(pk=policy.pk).count()
    if others >= MOST_SHADOWS:
        raise Conflict(gettext("%(most)s policies run in shadow already; end one of them.") % {"most": MOST_SHADOWS})
    with lifecycle.edit(policy, actor=actor, version=version, event="shadow_begun") as current:
        if current.status not in OPEN:
            raise WrongState(
                gettext("What rules, or ruled before, has no shadow; begin a draft of it."), state=current.status
            )
        current.shadow_since = current.shadow_since or at
    return current


@transaction.atomic
def end_shadow(policy: GatePolicy, *, actor: Actor, version: int | None) -> GatePolicy:
    """Record no more; what was recorded stays. Raises NotPermitted, StaleVersion."""
    require_keeper(actor)
    with lifecycle.edit(policy, actor=actor, version=version, event="shadow_ended") as current:
        current.shadow_since = None
    return current
