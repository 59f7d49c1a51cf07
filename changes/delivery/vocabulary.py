"""The words of delivery, DORA's and CDEvents' where they have one."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Result(models.TextChoices):
    """How a deployment ended."""

    STARTED = "started", _("running")
    SUCCEEDED = "succeeded", _("succeeded")
    FAILED = "failed", _("failed")
    ROLLED_BACK = "rolled_back", _("rolled back")
    CANCELLED = "cancelled", _("cancelled")


class ToldBy(models.TextChoices):
    """Who told of a deployment: the gate itself, a platform's door, a pipeline afterwards, or a file of the past."""

    GATE = "gate", _("the gate")
    GITHUB = "github", _("GitHub")
    GITLAB = "gitlab", _("GitLab")
    CDEVENTS = "cdevents", _("CDEvents")
    GENERIC = "generic", _("a mapped webhook")
    REPORT = "report", _("a report of the pipeline")
    IMPORT = "import", _("an imported history")


class Standing(models.TextChoices):
    """Whether a deployment had its authorisation.

    `waiting`: five minutes for its match. `withdrawn`: it was called unauthorised and found its match later. `blind`:
    deployed while Headroom could not be asked. `exempt`: outside production, or from before its service was watched.
    `shadow`: it ran by an answer of the gate that did not bind.
    """

    WAITING = "waiting", _("waiting for its authorisation")
    AUTHORISED = "authorised", _("authorised")
    UNAUTHORISED = "unauthorised", _("unauthorised")
    WITHDRAWN = "withdrawn", _("authorised, found late")
    BLIND = "blind", _("deployed blind")
    EXEMPT = "exempt", _("needs none")
    SHADOW = "shadow", _("allowed in shadow")


class MatchedBy(models.TextChoices):
    """By what a deployment found its authorisation; the first that fits."""

    ITSELF = "itself", _("it was started under it")
    DIGEST = "digest", _("the artifact")
    COMMIT = "commit", _("the commit")
    RUN = "run", _("the pipeline's run")


class Rework(models.TextChoices):
    """What was deployed to repair: DORA's rework."""

    NONE = "", _("none")
    FIX = "fix", _("a fix of an incident")
    ROLLBACK = "rollback", _("a rollback")


class Platform(models.TextChoices):
    """In whose words a source speaks."""

    GITHUB = "github", _("GitHub")
    GITLAB = "gitlab", _("GitLab")
    CDEVENTS = "cdevents", _("CDEvents")
    GENERIC = "generic", _("JSON with a mapping")


class DeliveryStatus(models.TextChoices):
    """What became of a delivery."""

    NEW = "new", _("not applied yet")
    APPLIED = "applied", _("applied")
    UNMAPPED = "unmapped", _("of no known service")
    IGNORED = "ignored", _("says nothing of a deployment")
    PARKED = "parked", _("cannot be read")
    DISCARDED = "discarded", _("discarded")


class Answered(models.TextChoices):
    """What a platform is told."""

    NOTHING = "", _("nothing yet")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
