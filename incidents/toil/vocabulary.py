"""The causes of toil in words."""

from typing import Any

from django.utils.translation import gettext_lazy as _

CAUSES: dict[str, Any] = {
    "page": _("pages: incidents that alerts opened"),
    "approval": _("approvals by hand"),
    "reassignment": _("handing on"),
    "repeat": _("repeats: incidents that came back"),
}
