"""The providers' buttons on the sign-in page, and where somebody without a password shows once more who they are."""

from urllib.parse import urlencode

from django.urls import reverse

from itsm.accounts import other_ways, signing_in
from itsm.identity.models import IdentityProvider
from itsm.identity.protocols import begun_in_browser


def buttons(next_url: str) -> list[other_ways.Way]:
    """One for each provider that is trusted, by the name that the administrator gave it. One query."""
    rows = IdentityProvider.objects.standing().filter(protocol__in=begun_in_browser()).order_by("name")
    words = f"?{urlencode({'next': next_url})}" if next_url else ""
    return [other_ways.Way(one.name, f"{reverse('single_sign_on:begin', args=[one.slug])}{words}") for one in rows]


def renewal(user_id: int) -> tuple[str, str] | None:
    """For the step-up of somebody whom a provider lets in: its name and where it asks once more."""
    rows = IdentityProvider.objects.standing().filter(
        protocol__in=begun_in_browser(), identities__user=user_id, identities__ended_at=None
    )
    found = rows.order_by("-identities__said_at").first()
    if found is None:
        return None
    return found.name, f"{reverse('single_sign_on:begin', args=[found.slug])}?for=prove"


def signed_out_page(by: str) -> str | None:
    """Where a session that a provider began goes when it is signed out."""
    prefix = signing_in.provider("")
    slug = by.removeprefix(prefix)
    if not by.startswith(prefix) or not slug:
        return None
    known = IdentityProvider.objects.standing().filter(slug=slug, protocol__in=begun_in_browser())
    return reverse("single_sign_on:signed_out", args=[slug]) if known.exists() else None
