"""Deployments: start under a live authorisation, used once; finish; watch; give the budget back."""

from changes.change.operations.deploying.authorised import RunsAlready
from changes.change.operations.deploying.finishing import WATCH, close, finish_deployment, watch_over
from changes.change.operations.deploying.followers import deployments_are_followed_by
from changes.change.operations.deploying.rolling_back import call_back, going_out
from changes.change.operations.deploying.stages import ask_stage
from changes.change.operations.deploying.starting import start_deployment

__all__ = [
    "WATCH",
    "RunsAlready",
    "ask_stage",
    "call_back",
    "close",
    "deployments_are_followed_by",
    "finish_deployment",
    "going_out",
    "start_deployment",
    "watch_over",
]
