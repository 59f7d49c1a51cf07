"""Python's search for what only circles keep alive: in programs that run for days, and in those that end at once."""

import gc

# New objects until the youngest are searched, and searches of one age until the next older is searched with them.
_RARELY = (20_000, 10, 10)
_WHILE_LOADING = (50_000, 20, 10)


def search_little() -> None:
    """For the start of a program: next to nothing of what is loaded is given up, and looking for it six hundred times
    is a sixth of the start."""
    gc.set_threshold(*_WHILE_LOADING)


def search_no_more() -> None:
    """For the end of a program: Python looks through all that is alive several times before it leaves, for longer than
    many a command takes."""
    gc.freeze()


def spare_what_is_loaded() -> None:
    """Search seldom, and never again through what is alive now: for programs, once all that they need is loaded.

    A full search looks at every object there is: half a million after the start, a fifth of a second in which the
    process answers nobody. Frozen before a fork they also stay one copy for all children.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_RARELY)
