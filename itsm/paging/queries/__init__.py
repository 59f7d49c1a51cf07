"""Reading paging."""

from itsm.paging.queries.duties import (
    any_target,
    nothing_of,
    paged_as,
    policies_of,
    running_of,
    targets_of,
    using_schedule,
)

__all__ = ["any_target", "nothing_of", "paged_as", "policies_of", "running_of", "targets_of", "using_schedule"]
