"""Watchers over REST, of whatever record: the shapes that each record's own routes take in and give out."""

from typing import Any

from django.utils.translation import gettext as _

from itsm.api.people import PersonField
from itsm.api.serializers import Shown, Strict
from itsm.kernel.errors import NotFound
from itsm.work.models import Watcher
from itsm.work.watching import watchers_of


class Watching(Strict):
    """Without `user`: oneself."""

    user = PersonField(required=False)


class WatcherShown(Shown):
    """Who follows it."""

    user = PersonField(read_only=True)
    by = PersonField(read_only=True, allow_null=True)

    class Meta:
        model = Watcher
        fields = ("user", "by", "at", "why", "muted")


def watcher_named(record: Any, login: str) -> Watcher:
    """Who follows a record, by their login. Raises NotFound."""
    found = watchers_of(record).filter(user__username__iexact=login).first()
    if found is None:
        raise NotFound(_("Nobody of this name follows it."))
    return found
