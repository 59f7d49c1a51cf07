"""What writers of users and groups share: the row as its reader saw it, and refusals in the words of SCIM."""

from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError
from django.utils.translation import gettext as _

from itsm.identity.errors import SignUpRefused
from itsm.identity.models import IdentityProvider
from itsm.identity.operations import (
    note_refusal,
)
from itsm.kernel.errors import Conflict
from itsm.scim.errors import ScimRefused, unique
from itsm.scim.models import ScimGroup, ScimUser

ResourceT = TypeVar("ResourceT", ScimUser, ScimGroup)


def tag_of(resource: ScimUser | ScimGroup) -> str:
    """What a reader holds of it as they saw it; an account that an administrator closes here is not as it was."""
    if isinstance(resource, ScimUser):
        return f"{resource.version}{'' if resource.user.is_active else 'c'}"
    return str(resource.version)


def as_seen(found: ResourceT | None, seen: str | None) -> ResourceT:
    """The row, where it is as `seen` says (None: however it is). Raises ScimRefused: 404, 412."""
    if found is None:
        raise ScimRefused(404, _("There is no such resource."))
    if seen is not None and tag_of(found) != seen:
        raise ScimRefused(412, _("It was changed meanwhile: read it again."))
    return found


class told:  # noqa: N801 -- it reads as a word
    """Refusals of the identity and of the database, as SCIM says them; who was not let in is noted."""

    def __init__(self, provider: IdentityProvider, who: str, at: datetime) -> None:
        self._provider, self._who, self._at = provider, who, at

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        if isinstance(error, SignUpRefused):
            note_refusal(self._provider, error.reason, error.detail, said=self._who, at=self._at)
            raise ScimRefused(403, error.detail) from error
        if isinstance(error, Conflict):
            raise ScimRefused(409, error.detail) from error
        if isinstance(error, IntegrityError):
            raise unique(_("There is one of this name, or of this externalId, already.")) from error
