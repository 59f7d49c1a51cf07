"""GitLab: a blocked deployment is approved or rejected. https://docs.gitlab.com/api/deployments/"""

import json

from django.utils.translation import gettext

from changes.delivery.adapters import answers
from itsm.notifications.channels import PutOff
from itsm.notifications.credentials import credentials_of
from itsm.notifications.outgoing import OutgoingRefused

API = "https://gitlab.com/api/v4"
LONGEST = 1024


def answer(path: str, comment: str, *, state: str, api: str, token: str) -> str:
    """`path`: below the API, such as /projects/30/deployments/15/approval. What was said. Raises PutOff and Refused."""
    return _posted(path, {"status": state, "comment": comment[:LONGEST]}, api, token)


def remark(path: str, words: str, *, api: str, token: str) -> str:
    """`path`: the comments of a commit. What was said. Raises PutOff and Refused."""
    return _posted(path, {"note": words[:LONGEST]}, api, token)


def _posted(path: str, said: dict[str, str], api: str, token: str) -> str:
    if not token:
        raise PutOff(gettext("The source names no token for its API."), 0)
    answers.require_bound(token, api, API)
    try:
        credentials = credentials_of("bearer", token)
    except OutgoingRefused as error:
        raise PutOff(str(error), 0) from error
    body = json.dumps(said).encode()
    return answers.words_of(answers.post(f"{api.rstrip('/')}{path}", body, {}, credentials), credentials)
