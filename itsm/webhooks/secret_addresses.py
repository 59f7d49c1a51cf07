"""Addresses that are secrets: whoever knows that of an incoming webhook of a chat may write there.

The row says `secret:NAME`; the address itself is the file NAME in HEADROOM_SECRETS_DIR. One that is typed in is put
there.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from itsm.kernel.errors import InvalidInput
from itsm.notifications.credentials import credentials_of
from itsm.webhooks.vocabulary import IS_SECRET, Form

_MADE = f"{IS_SECRET}chat-"  # by us: goes with its endpoint
_CHATS = {Form.SLACK.value, Form.MATTERMOST.value, Form.TEAMS.value}


def address_of(url: str) -> str:
    """Where it leads. Raises CredentialMissing for a secret that is not there."""
    return credentials_of("bearer", url.removeprefix(IS_SECRET)).secret if url.startswith(IS_SECRET) else url


def put_away(url: str, form: str, *, has_room: bool) -> str:
    """What the row says of this address: of an incoming webhook of a chat, the name of the file that it was put into.

    Raises InvalidInput where none can be written.
    """
    if form not in _CHATS or has_room or url.startswith(IS_SECRET):
        return url
    name = f"{_MADE.removeprefix(IS_SECRET)}{secrets.token_hex(6)}"
    try:
        if not settings.SECRETS_DIR:
            raise OSError
        number = os.open(Path(settings.SECRETS_DIR) / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(url)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise InvalidInput.about("url", _(
            "The address of a chat is itself a secret, and HEADROOM_SECRETS_DIR cannot be written: put it into a file "
            "there, and say secret: and that file's name here."
        )) from error  # fmt: skip
    return f"{IS_SECRET}{name}"


def throw_away(url: str) -> None:
    """It is needed no more; what somebody put there by hand stays. Raises nothing."""
    if url.startswith(_MADE) and settings.SECRETS_DIR:
        with suppress(OSError):
            (Path(settings.SECRETS_DIR) / url.removeprefix(IS_SECRET)).unlink(missing_ok=True)
