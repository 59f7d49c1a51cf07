"""What is done with proposals: made and withdrawn by software agents, decided by people, closed by time."""

from itsm.proposals.operations.deciding import Overtaken, accept, dismiss
from itsm.proposals.operations.ending import CLOSING, close_when_due, withdraw, withdraw_all
from itsm.proposals.operations.proposing import propose
from itsm.proposals.operations.sending import sending
from itsm.proposals.operations.taking_back import take_back

__all__ = [
    "CLOSING",
    "Overtaken",
    "accept",
    "close_when_due",
    "dismiss",
    "propose",
    "sending",
    "take_back",
    "withdraw",
    "withdraw_all",
]
