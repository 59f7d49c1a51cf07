"""Saved views: whose they are, who sees them, and the one way each is made, changed, kept as a tab and removed.

An app says in `AppConfig.ready()` which lists may have views: `lists("incident", Lists(check, sorts, columns))`.
"""

from itsm.work.saved_views.operations import choose_columns, delete_view, edit_view, follow_team, pin, save_view, unpin
from itsm.work.saved_views.queries import Arranged, arranged_by, keepers, pinners, view_named, visible_views
from itsm.work.saved_views.registered import Lists, kinds, lists

__all__ = [
    "Arranged",
    "Lists",
    "arranged_by",
    "choose_columns",
    "delete_view",
    "edit_view",
    "follow_team",
    "keepers",
    "kinds",
    "lists",
    "pin",
    "pinners",
    "save_view",
    "unpin",
    "view_named",
    "visible_views",
]
