"""Accounts in the database: people and teams, and their ways in."""

from itsm.accounts.models.people import EmailAddress, Membership, Role, Team, User
from itsm.accounts.models.places import Location
from itsm.accounts.models.queues import Grant, QueueRight
from itsm.accounts.models.roles import OwnRole
from itsm.accounts.models.ways_in import AddressClass, KnownPlace, ResetRequest, Session, Token

__all__ = [
    "AddressClass",
    "EmailAddress",
    "Grant",
    "KnownPlace",
    "Location",
    "Membership",
    "OwnRole",
    "QueueRight",
    "ResetRequest",
    "Role",
    "Session",
    "Team",
    "Token",
    "User",
]
