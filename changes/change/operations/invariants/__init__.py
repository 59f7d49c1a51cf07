"""What must hold of changes, their authorisations and the gate's decisions (I1 to I7, I14), asked by the auditor."""

from changes.change.operations.invariants.authorised import AUTHORISED, FOUR_EYES, ONE_DECISION, SAME_CONTENT
from changes.change.operations.invariants.decided import COMMITTED, FAILS_CLOSED, REPLAYS
from changes.change.operations.invariants.versions import VERSIONS

ALL = (AUTHORISED, FOUR_EYES, ONE_DECISION, SAME_CONTENT, FAILS_CLOSED, REPLAYS, COMMITTED, VERSIONS)
