"""What delivery stores: deployments as they were told, and the doors by which platforms tell of them."""

from changes.delivery.models.deliveries import PlatformDelivery, PlatformQuestion
from changes.delivery.models.events import DeliveredCommit, DeploymentEvent
from changes.delivery.models.sources import DeliverySource, DeploymentRoute

__all__ = [
    "DeliveredCommit",
    "DeliverySource",
    "DeploymentEvent",
    "DeploymentRoute",
    "PlatformDelivery",
    "PlatformQuestion",
]
