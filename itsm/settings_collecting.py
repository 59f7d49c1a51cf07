"""Static files collected beside those that are served; `itsm.run.prepare` lays them in their place."""

from itsm.settings import *  # noqa: F403

STATIC_ROOT = STATIC_ROOT.with_name(f"{STATIC_ROOT.name}.new")  # noqa: F405
