"""GitHub, as a GitHub App: a JWT signed with the App's key buys an installation token, which answers a protection rule.

https://docs.github.com/actions/managing-workflow-runs-and-deployments/managing-deployments/creating-custom-deployment-protection-rules
"""

import json
import time
from datetime import datetime
from typing import Any

import jwt
from django.utils.translation import gettext

from changes.delivery.adapters import answers
from itsm.notifications.channels import PutOff
from itsm.notifications.credentials import Credentials, private_key
from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused, json_of

API = "https://api.github.com"
LONGEST = 1024
LONGEST_NOTE = 140
_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_GOOD_FOR = 9 * 60  # seconds: GitHub takes ten minutes at most
_LEFT = 120  # seconds that a token has to be good for still
_tokens: dict[tuple[str, str, str], tuple[str, float]] = {}  # by API, App and installation: the token, until when


def answer(
    callback: str, environment: str, comment: str, *, state: str = "", api: str, app: str, key: str, installation: str
) -> str:
    """Answer a protection rule (`state`: approved or rejected), or remark on it without one. What was said.

    Raises PutOff and Refused.
    """
    said: dict[str, Any] = {"environment_name": environment, "comment": comment[:LONGEST]}
    if state:
        said["state"] = state
    return _posted(callback, said, api, app, key, installation)


def note(
    url: str, environment: str, words: str, page: str, *, state: str, api: str, app: str, key: str, installation: str
) -> str:
    """A status of a deployment (`url`: its statuses) that says something and leaves it as it is: `state` is the one
    that it has. What the platform said. Raises PutOff and Refused.
    """
    said = {
        "state": state, "description": words[:LONGEST_NOTE], "environment": environment, "log_url": page,
        "auto_inactive": False,
    }  # fmt: skip
    return _posted(url, said, api, app, key, installation)


def _posted(url: str, said: dict[str, Any], api: str, app: str, key: str, installation: str) -> str:
    credentials = Credentials("bearer", key, secret=_token(api, app, key, installation))
    try:
        found = answers.post(url, json.dumps(said).encode(), _HEADERS, credentials)
    except PutOff:
        _tokens.pop((api, app, installation), None)  # perhaps it was taken back
        raise
    return answers.words_of(found, credentials)


def _token(api: str, app: str, key: str, installation: str) -> str:
    """An installation token that is good for a while yet. Raises PutOff and Refused."""
    known = _tokens.get((api, app, installation))
    if known is not None and known[1] > time.time() + _LEFT:
        return known[0]
    if not (app and key and installation.isascii() and installation.isdigit()):
        raise PutOff(gettext("The source names no App, no key of it, or the delivery no installation."), 0)
    answers.require_bound(key, api, API)
    try:
        secret = signed_as_app(app, private_key(key))
    except OutgoingRefused as error:
        raise PutOff(str(error), 0) from error
    url = f"{api.rstrip('/')}/app/installations/{installation}/access_tokens"
    found = answers.post(url, b"{}", _HEADERS, Credentials("bearer", key, secret=secret))
    try:
        document = json_of(found.body)
        token, until = str(document["token"]), datetime.fromisoformat(str(document["expires_at"]))
    except (OutgoingFailed, KeyError, TypeError, ValueError) as error:
        raise PutOff(gettext("The platform's answer holds no token."), 0) from error
    _tokens[(api, app, installation)] = (token, until.timestamp())
    return token


def signed_as_app(app: str, pem: str) -> str:
    """A JWT of the App, good for nine minutes. PutOff where the key is none."""
    now = int(time.time())
    try:
        return jwt.encode({"iat": now - 60, "exp": now + _GOOD_FOR, "iss": app}, pem, algorithm="RS256")
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise PutOff(gettext("The App's key cannot be used: it is a private RSA key in PEM."), 0) from error
