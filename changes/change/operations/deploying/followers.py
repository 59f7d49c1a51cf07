"""Who follows runs: what lies above says so at start, and hears of each start and end in its transaction."""

from collections.abc import Callable

from changes.change.models import Deployment

Follower = Callable[[Deployment], object]
_followers: list[Follower] = []


def deployments_are_followed_by(follow: Follower) -> None:
    """`follow(deployment)` is called when a run has started and when it has ended, inside that transaction. It writes
    rows, and calls no network. Called once, at start."""
    if follow not in _followers:
        _followers.append(follow)


def tell(deployment: Deployment) -> None:
    """It has started, or ended. Raises what a follower raises: then neither is kept."""
    for follow in _followers:
        follow(deployment)
