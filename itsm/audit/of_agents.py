"""What a software agent may have done: nothing else of one enters the history, whoever writes it.

Every operation notes what it did in its own transaction. So what is not listed here is undone as it is noted, however
an agent came to it: it reads, asks the gate, reports what was deployed, and proposes. Whoever gives agents another tool
adds what it notes, if that decides nothing: no approval, vote, override, confirmation, activation, grant or erasure.
"""

MAY_NOTE = (
    "agent.called",
    "attestation.made",
    "change.cancelled",
    "change.created",
    "change.edited",
    "change.finished",
    "change.impact_taken",
    "change.put_on_hold",
    "change.resumed",
    "change.reverted",
    "change.rolled_back",
    "change.sent_to_gate",
    "change.started",
    "change.submitted",
    "confidential.read",
    "proposal.created",
    "proposal.withdrawn",
)
