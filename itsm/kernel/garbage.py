"""Python's search for what only circles keep alive, in a program that runs for days."""

import gc

# New objects until the youngest are searched, and searches of one age until the next older is searched with them.
_RARELY = (20_000, 10, 10)


def spare_what_is_loaded() -> None:
    """Search seldom, and never again through what is alive now: for programs, once all that they need is loaded.

    A full search looks at every object there is: half a million after the start, a fifth of a second in which the
    process answers nobody. Frozen before a fork they also stay one copy for all children.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_RARELY)
