"""The gate's tools for software agents: the same operations and queries as behind REST and pages."""

from changes.change.agent_tools import asking, explaining, may_i_deploy
from itsm.agents import tools


def register() -> None:
    """Declare them. Called once, at start."""
    for one in (may_i_deploy.TOOL, asking.TOOL, explaining.TOOL):
        tools.register(one)
