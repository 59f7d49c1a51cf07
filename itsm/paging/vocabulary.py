"""Words of paging."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Urgency(TextChoices):
    HIGH = "high", _("High")
    LOW = "low", _("Low")


class Channel(TextChoices):
    """By which way somebody is reached."""

    PUSH = "push", _("Push")
    MAIL = "mail", _("Mail")
    SMS = "sms", _("SMS")
    VOICE = "voice", _("Voice call")


PHONES = (Channel.SMS, Channel.VOICE)
PHONE_CHOICES = [(one.value, one.label) for one in PHONES]


class TargetKind(TextChoices):
    """Whom a step pages."""

    SCHEDULE = "schedule", _("On-call schedule")
    PERSON = "person", _("Person")
    TEAM = "team", _("Everybody of a team")
    OWNER = "owner", _("Who leads the team it lies with")
    WEBHOOK = "webhook", _("Webhook or chat")


class Which(TextChoices):
    """Whose turn of a schedule."""

    NOW = "now", _("who is on call now")
    NEXT = "next", _("who is on call next")
    PREVIOUS = "previous", _("who was on call before")
    ALL = "all", _("everybody of the schedule")


class Cause(TextChoices):
    """Why a step was taken: escalations are counted by it."""

    BEGUN = "begun", _("It began")
    TIME_OUT = "time_out", _("Nobody answered in time")
    FUNCTIONAL = "functional", _("It was handed over")
    HIERARCHICAL = "hierarchical", _("Last resort")
    LAPSED = "lapsed", _("Nothing happened after it was acknowledged")
    MANUAL = "manual", _("Somebody began it")


class PageStatus(TextChoices):
    OPEN = "open", _("Open")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    ENDED = "ended", _("Ended")


class How(TextChoices):
    """How somebody acknowledged."""

    PAGE = "page", _("On a page")
    LINK = "link", _("By the link they were sent")
    API = "api", _("Over REST")
    CODE = "code", _("By a code from their phone")
    SUBJECT = "subject", _("By starting work on it")


class ReportStatus(TextChoices):
    """What a provider says became of what it accepted."""

    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")
