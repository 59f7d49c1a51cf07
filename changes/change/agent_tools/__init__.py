"""The gate's tools for software agents: the same operations and queries as behind REST and pages.

What they answer holds no words of others, unless an agent asks for them: an agent that reads what would help may go on
and ask. (Who has read words of strangers may not write outward for an hour.)
"""

from changes.change.agent_tools import asking, explaining, going_back, may_i_deploy, reporting, slots
from itsm.agents import tools


def register() -> None:
    """Declare them. Called once, at start."""
    for one in (may_i_deploy, asking, explaining, reporting, going_back, slots):
        tools.register(one.TOOL)
