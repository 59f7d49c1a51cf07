"""Every write to accounts, teams and ways in; each is audited in its own transaction."""

from itsm.accounts.operations.addresses import add_address, make_primary, remove_address, verify_address
from itsm.accounts.operations.checks import require_active, require_standing
from itsm.accounts.operations.departing import deactivate, reactivate
from itsm.accounts.operations.locations import add_location, edit_location
from itsm.accounts.operations.merging import merge_people, merge_preview
from itsm.accounts.operations.passwords import ask_for_reset, change_password, choose_password, invite, send_reset
from itsm.accounts.operations.people import add_user, edit_person, edit_profile
from itsm.accounts.operations.queues import edit_queue, grant, triage, triage_id, withdraw_grant
from itsm.accounts.operations.teams import (
    add_team,
    edit_team,
    merge_teams,
    remove_member,
    retire_team,
    revive_team,
    set_member,
)
from itsm.accounts.operations.ways_in import end_sessions, end_sessions_by, issue_token, revoke_token

__all__ = [
    "add_address",
    "add_location",
    "add_team",
    "add_user",
    "ask_for_reset",
    "change_password",
    "choose_password",
    "deactivate",
    "edit_location",
    "edit_person",
    "edit_profile",
    "edit_queue",
    "edit_team",
    "end_sessions",
    "end_sessions_by",
    "grant",
    "invite",
    "issue_token",
    "make_primary",
    "merge_people",
    "merge_preview",
    "merge_teams",
    "reactivate",
    "remove_address",
    "remove_member",
    "require_active",
    "require_standing",
    "retire_team",
    "revive_team",
    "revoke_token",
    "send_reset",
    "set_member",
    "triage",
    "triage_id",
    "verify_address",
    "withdraw_grant",
]
