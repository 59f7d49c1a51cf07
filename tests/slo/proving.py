"""How much the tests prove: a sample in `make test`, everything in `make prove` (or with HEADROOM_PROVE=1).

The sample of a commit is the same on each day and each machine. PROOF_TURN=n takes another one, of which each is as good:
`.ci/run` takes that of the hundreds of commits up to HEAD, a run by hand the first. The header of a run prints its number,
by which a failure is repeated.
"""

import os
from collections.abc import Collection

from hypothesis import settings
from hypothesis.internal.conjecture import providers

IN_FULL = os.environ.get("HEADROOM_PROVE") == "1" or os.environ.get("PROOF") == "full"
TURN = int(os.environ.get("PROOF_TURN") or 1)  # which of the samples
_SHARE = 10  # of what is proven in full, a tenth is tried in the usual run


def examples(in_full: int) -> int:
    """How many examples of so many to try in this run; at least five."""
    return in_full if IN_FULL else max(5, in_full // _SHARE)


def by_turns(names: Collection[str], turn: int, one_in: int = 4) -> set[str]:
    """All of them in full; else a share, at least one, and with each turn others.

    Not by the turn that chose the place as well: of every n-th place only some names would ever be drawn. There the turns
    that are counted are those of the place, `turn // n`.
    """
    if IN_FULL or not names:
        return set(names)
    return set(sorted(names)[turn % min(len(names), one_in) :: one_in])


def choose_examples() -> None:
    """For every property that says nothing of its own. No deadlines: a busy machine proves as much as an idle one."""
    settings.register_profile("sampled", max_examples=examples(250), deadline=None)
    settings.register_profile("in full", max_examples=examples(1000), deadline=None)
    settings.load_profile("in full" if IN_FULL else "sampled")
    if not IN_FULL:  # constants of the product as examples: each worker would read all of its source for them
        vars(providers)["_get_local_constants"] = lambda: providers._local_constants
