"""Standard Webhooks 1.0: the body as it is kept, with an id, an instant and a signature for each secret."""

from django.utils import timezone

from itsm.webhooks.forms import Call
from itsm.webhooks.models import WebhookEndpoint, WebhookEvent
from itsm.webhooks.signing import signed


def render(endpoint: WebhookEndpoint, event: WebhookEvent) -> Call:
    """A POST of the body. Raises CredentialMissing."""
    at, body = timezone.now(), event.body.encode()
    headers = signed(endpoint.secrets(at), event.key, at, body) | {"Content-Type": "application/json"}
    return Call("POST", endpoint.address, headers, body)
