"""What people decide about the set-up itself: passing over a step, taking it up again, putting the card away."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from itsm.accounts.permissions import administrators
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound, NotPermitted
from itsm.setup.facts import AGREEMENT, OBJECTIVE, PEOPLE, QUESTION, SERVICE, TOKEN
from itsm.setup.models import SetupProgress

STEPS = (PEOPLE, SERVICE, OBJECTIVE, TOKEN, QUESTION, AGREEMENT)


@transaction.atomic
def skip_step(key: str, *, actor: Actor) -> SetupProgress:
    """Pass over a step; it is done all the same where what it asks for is there. NotFound for no step."""
    kept = _locked(actor)
    if key not in STEPS:
        raise NotFound(gettext("There is no step %(key)s.") % {"key": key[:20]})
    return _changed(kept, actor, skipped=[*kept.skipped, key] if key not in kept.skipped else kept.skipped)


@transaction.atomic
def take_up_step(key: str, *, actor: Actor) -> SetupProgress:
    """Take back that it was passed over. Raises NotPermitted."""
    kept = _locked(actor)
    return _changed(kept, actor, skipped=[one for one in kept.skipped if one != key])


@transaction.atomic
def dismiss(*, actor: Actor, at: datetime) -> SetupProgress:
    """Put the card on the desk away; the page stays. Raises NotPermitted."""
    kept = _locked(actor)
    return _changed(kept, actor, dismissed_at=kept.dismissed_at or at)


@transaction.atomic
def bring_back(*, actor: Actor) -> SetupProgress:
    """Show the card on the desk again. Raises NotPermitted."""
    return _changed(_locked(actor), actor, dismissed_at=None)


def _locked(actor: Actor) -> SetupProgress:
    if not administrators(actor):
        raise NotPermitted(gettext("%(actor_name)s may not set the desk up.") % {"actor_name": actor.name})
    SetupProgress.objects.bulk_create([SetupProgress()], ignore_conflicts=True)
    return SetupProgress.objects.select_for_update(no_key=True).get(pk=1)


def _changed(kept: SetupProgress, actor: Actor, **fields: object) -> SetupProgress:
    changes = {name: [getattr(kept, name), value] for name, value in fields.items() if getattr(kept, name) != value}
    if changes:
        for name, value in fields.items():
            setattr(kept, name, value)
        kept.version += 1
        kept.save(update_fields=[*fields, "version"])
        record_event("setup.edited", kept, actor=actor, changes=changes)
    return kept
