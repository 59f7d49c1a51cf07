"""The owner of a service in bodies."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import User
from itsm.api.people import PersonField


class OwnerField(PersonField):
    """The user name of the person who answers for it; a program never does."""

    default_error_messages = {"person": _("An owner is an active person.")}

    def to_internal_value(self, data: Any) -> User:
        user = super().to_internal_value(data)
        if not (user.is_human and user.is_active):
            self.fail("person")
        return user
