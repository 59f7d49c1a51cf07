"""People and teams as lists and records show them."""

from django.db.models import Count, Prefetch, Q, QuerySet

from itsm.accounts.models import Membership, Team, User
from itsm.kernel.actors import Actor


def people(actor: Actor) -> QuerySet[User]:
    """Accounts that this actor may see, with their teams, addresses, owner and manager."""
    memberships = Membership.objects.select_related("team").order_by("team__name")
    return (
        User.objects.visible_to(actor)
        .select_related("owner", "manager", "location", "merged_into")
        .prefetch_related(Prefetch("memberships", queryset=memberships), "addresses")
    )


def teams(actor: Actor) -> QuerySet[Team]:
    """Teams that this actor may see, with their members; `size` counts the active ones."""
    memberships = Membership.objects.select_related("user").order_by("-lead", "user__username")
    active = Q(memberships__user__is_active=True)
    return (
        Team.objects.visible_to(actor)
        .select_related("merged_into")
        .prefetch_related(Prefetch("memberships", queryset=memberships))
        .annotate(size=Count("memberships", filter=active))
    )
