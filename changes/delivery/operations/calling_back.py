"""What should be taken back is said where it was deployed from: a note on the platform, beside the deployment itself.

A note and no verdict: on GitHub the deployment keeps the state that it has, on GitLab its commit gets a comment. Who
waits with `headroom` or hears callbacks and webhooks is told by those as well.
"""

from urllib.parse import quote

from django.utils.translation import gettext

from changes.change.models import Change, Deployment, RollBackCall
from changes.delivery.adapters import github, gitlab
from changes.delivery.models import PlatformQuestion
from changes.delivery.vocabulary import Answered, Platform
from itsm.notifications import outbox
from itsm.notifications.channels import Refused
from itsm.notifications.web_addresses import our_address

WHAT = "roll back"
_STATES = {Deployment.Status.STARTED.value: "in_progress", Deployment.Status.SUCCEEDED.value: "success"}


def owe(change: Change, channel: str) -> int:
    """Owe each platform that asked about this change the note that it should be rolled back; once. How many.

    Raises nothing.
    """
    asked = PlatformQuestion.objects.filter(change=change, answer=Answered.APPROVED)
    found = list(asked.filter(evaluation__deployment__roll_back_call__isnull=False).values_list("pk", "source"))
    for question, source in found:
        outbox.enqueue(
            channel,
            {"question": question, "what": WHAT},
            aggregate=f"{source}:{question}:roll back",  # it waits behind nothing else that is owed there
            key=f"platform-question-{question}-roll-back",
        )
    return len(found)


def send(question: PlatformQuestion) -> str:
    """Say it there now. What the platform said. Raises PutOff (try again) and Refused (do not)."""
    call = RollBackCall.objects.select_related("deployment", "back_to").get(
        deployment__evaluation=question.evaluation_id
    )
    state = _STATES.get(call.deployment.status)
    if state is None:
        raise Refused(gettext("It has been taken back already."))
    source, change = question.source, question.change
    page = our_address(change.get_absolute_url()) if change is not None else ""
    if source.platform == Platform.GITLAB:
        commit = change.commit if change is not None else ""
        if not commit:
            raise Refused(gettext("It named no commit that could be commented on."))
        path = f"/projects/{quote(question.repository, safe='')}/repository/commits/{quote(commit, safe='')}/comments"
        return gitlab.remark(
            path, f"{words_of(call, change)} {page}", api=source.api_url or gitlab.API, token=source.api_credential
        )
    number = question.external_id.rpartition("#")[2]
    if not (number.isascii() and number.isdigit()):
        raise Refused(gettext("It named no deployment that a note could stand beside."))
    api = source.api_url or github.API
    url = f"{api.rstrip('/')}/repos/{question.repository}/deployments/{number}/statuses"
    return github.note(
        url, question.theirs, words_of(call, change), page, state=state,
        api=api, app=source.app_id, key=source.api_credential, installation=question.installation,
    )  # fmt: skip


def words_of(call: RollBackCall, change: Change | None) -> str:
    """Why, and what worked there before."""
    words = {"change": change.reference if change is not None else "?", "why": call.because}
    said = gettext("Roll back %(change)s: %(why)s.") % words
    if call.back_to is None:
        return said
    before = call.back_to.artifact_version or call.back_to.artifact_digest[:19]
    return f"{said} {gettext('Before it worked: %(version)s.') % {'version': before}}"
