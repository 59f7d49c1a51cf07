"""A data source as the adapter asks it: its address, how to sign in there, whom to trust, which tenant."""

from itsm.notifications.credentials import credentials_of
from slo.measuring.adapters.prometheus import Server
from slo.measuring.models import DataSource


def server_of(source: DataSource) -> Server:
    """Reads the secret now. OutgoingRefused where it, or the private authority, cannot be used."""
    credentials = credentials_of(source.auth, source.credential, source.username, source.authority)  # type: ignore[arg-type]
    return Server(source.url, credentials, {source.tenant_header: source.tenant} if source.tenant_header else {})
