"""What may prove to the gate that a change does an action of a postmortem: words of people, and who owns the action."""

from incidents.postmortem.models import PostmortemAction
from incidents.postmortem.workflow import Status
from incidents.problem.queries import FixProof


def proofs_of_action(change_number: int) -> list[FixProof]:
    """The words that a change does an open action, which somebody owns, of a published postmortem. One query.

    A word holds for the service that it was given about. What is about a confidential queue proves nothing: a verdict
    is read by people who may not see it.
    """
    rows = PostmortemAction.objects.filter(
        change_number=change_number, done_at=None, owner__isnull=False, fix_said_by__isnull=False,
        fix_service__isnull=False, postmortem__published__gt=0,
    ).exclude(postmortem__status=Status.WAIVED).select_related(
        "fix_service", "postmortem__incident__team", "postmortem__problem__team"
    )  # fmt: skip
    return [
        FixProof(row.postmortem.reference, row.fix_service.slug, row.fix_said_by_id, row.owner_id)
        for row in rows.order_by("pk")
        if row.fix_service is not None
        and row.fix_said_by_id is not None
        and row.owner_id is not None
        and row.postmortem.about.service_id == row.fix_service_id
        and not row.postmortem.about.team.confidential
    ]
