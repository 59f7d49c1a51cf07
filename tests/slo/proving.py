"""Whether the tests are to prove more than the usual run has time for (`make prove`, or HEADROOM_PROVE=1)."""

import os

IN_FULL = os.environ.get("HEADROOM_PROVE") == "1" or os.environ.get("PROOF") == "full"
