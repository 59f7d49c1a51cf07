"""The words of webhooks."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Form(models.TextChoices):
    """What a message looks like; each has a module in `itsm.webhooks.forms`."""

    STANDARD = "standard", _("Standard Webhooks")
    SLACK = "slack", _("Slack")
    TEAMS = "teams", _("Microsoft Teams")
    MATTERMOST = "mattermost", _("Mattermost")
    MATRIX = "matrix", _("Matrix")


class Status(models.TextChoices):
    """`failing`: the newest answer was no success. `off`: nothing is sent, and what is owed is given up."""

    ON = "on", _("on")
    FAILING = "failing", _("failing")
    OFF = "off", _("off")


COMMANDING: tuple[str, ...] = (Form.SLACK.value, Form.MATTERMOST.value)  # whose slash commands are heard
TONES = {Status.ON: "green", Status.FAILING: "amber", Status.OFF: "grey"}
EVERYTHING = "*"
IS_SECRET = "secret:"  # noqa: S105 -- no password, but what stands before the name of a secret that holds an address
TAKEN_BACK = "made_confidential"  # the event by which a chat's message says no more
PROBE = "webhook.probe"  # the type of what asks a quiet flow of Teams whether it is still there
TEST = "webhook.test"  # the type of what "test" sends
