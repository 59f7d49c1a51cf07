"""The history of accounts and teams as people read it."""

from django.utils.translation import gettext_lazy as _

from itsm.ui.event_texts import register_event_text

_SENTENCES = {
    "user.created": _("made this account"),
    "user.looking": _("began to look at the desk with the rights of others"),
    "user.looking_ended": _("looks at the desk as themselves again"),
    "user.edited": _("changed it"),
    "user.invited": _("invited them to choose a password"),
    "user.joined": _("chose a password and came in"),
    "user.password_changed": _("changed the password"),
    "user.password_reset": _("chose a new password by a link that was mailed"),
    "user.reset_sent": _("sent them a link to choose a new password"),
    "user.sessions_ended": _("ended sessions"),
    "user.signed_in": _("signed in from a new place"),
    "user.place_disowned": _("said that a sign-in was not theirs; its sessions ended"),
    "user.address_added": _("added an address"),
    "user.address_verified": _("showed that the address is theirs"),
    "user.address_chosen": _("made another address the primary one"),
    "user.address_removed": _("took an address away"),
    "user.deactivated": _("deactivated the account: sessions and tokens have ended"),
    "user.reactivated": _("reactivated the account"),
    "user.unlocked": _("lifted a lock on its sign-in"),
    "user.merged": _("merged the account into another: it is the same person"),
    "user.absorbed": _("took in another account of the same person"),
    "location.created": _("added this location"),
    "location.edited": _("changed it"),
    "team.created": _("made this team"),
    "team.edited": _("renamed it"),
    "team.filled": _("changed who belongs to it"),
    "team.merged": _("merged it into another team"),
    "team.joined": _("took in another team"),
    "team.retired": _("retired it"),
    "team.revived": _("brought it back"),
    "team.queue_edited": _("changed what the queue takes"),
    "team.right_granted": _("gave a right in the queue"),
    "team.right_moved": _("merged a team, whose right in the queue its members have now"),
    "team.right_withdrawn": _("withdrew a right in the queue"),
}


def register() -> None:
    """Say each event's sentence. Called once, at start."""
    for event, sentence in _SENTENCES.items():
        register_event_text(event, sentence)
