"""The shares of a service are added up by one at a time."""

from catalog.services.queries import every_service


def hold_shares(service_id: int) -> None:
    """Hold them in the caller's transaction: who adds them up has seen all that were given before. One query."""
    every_service().select_for_update(of=("self",), no_key=True).only("pk").get(pk=service_id)
