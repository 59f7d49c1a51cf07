"""The life of a configuration item."""

from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from catalog.cmdb.permissions import item_editors, item_revivers
from catalog.cmdb.vocabulary import Status
from itsm.fields import queries as fields
from itsm.fields.vocabulary import Required
from itsm.kernel.texts import is_blank
from itsm.kernel.workflow import Step, Words, Workflow

a_reason = Words("reason", "a_reason_for_that", _("Reason"), 500, missing=_("Give a reason."))
why_retired = Words(
    "reason", "a_reason_to_retire", _("Reason"), 500, required=False, needed=True,
    help=_("Needed where something in service still rests on it by a hard relation."),
)  # fmt: skip


def an_owner(item: Any) -> str | None:
    return str(_("Say which team owns it.")) if item.team_id is None else None


def required_fields(item: Any) -> str | None:
    """What its class requires and is empty; None where nothing is."""
    wanted = [one for one in fields.live(item.ci_class.owner) if one.required != Required.NEVER]
    empty = [one.label for one in wanted if item.attributes.get(one.key) is None]
    return _now("Fill in first: %(missing)s.") % {"missing": ", ".join(empty)} if empty else None


def nothing_rests_on_it(item: Any) -> str | None:
    """A reason, or no living consumer by a hard arrow."""
    if not is_blank(item.reason):
        return None
    return (
        str(_("Something still rests on it; give a reason.")) if item.felt_by.filter(strength="hard").exists() else None
    )


S = Status
LIVING = (S.PLANNED, S.STOCK, S.BUILDING, S.ACTIVE, S.MAINTENANCE)
# fmt: off
# ruff: noqa: E501 -- a table reads in columns
WORKFLOW = Workflow(
    #    action             from                                           to             who                 recorded as             needs                         button                     history
    Step("order",           (S.PLANNED,),                                  S.STOCK,       who=item_editors,   done="ordered",                                       label=_("Into stock"),     history=_("put it into stock")),
    Step("build",           (S.PLANNED, S.STOCK),                          S.BUILDING,    who=item_editors,   done="begun",                                         label=_("Build"),          history=_("began to build it")),
    Step("put_into_service", (S.PLANNED, S.STOCK, S.BUILDING, S.MAINTENANCE), S.ACTIVE,   who=item_editors,   done="put_into_service", needs=(an_owner, required_fields), label=_("Put into service"), history=_("put it into service"), colour="blue"),
    Step("take_out",        (S.ACTIVE,),                                   S.MAINTENANCE, who=item_editors,   done="taken_out",       needs=(a_reason,),            label=_("Take out"),       history=_("took it out of service")),
    Step("retire",          LIVING,                                        S.RETIRED,     who=item_editors,   done="retired",         needs=(nothing_rests_on_it,), label=_("Retire"),         history=_("retired it"), colour="red", asks=(why_retired,)),
    Step("revive",          (S.RETIRED,),                                  S.PLANNED,     who=item_revivers,  done="revived",         needs=(a_reason,),            label=_("Revive"),         history=_("brought it back")),
    colours={S.PLANNED: "grey", S.STOCK: "grey", S.BUILDING: "blue", S.ACTIVE: "green", S.MAINTENANCE: "amber"},
)
# fmt: on
HISTORY = {
    "created": _("added this item"),
    "certified": _("said whether it is right"),
    "related": _("related it"),
    "unrelated": _("ended a relation"),
    "identified": _("changed what identifies it"),
    "explained": _("explained an edit"),
    "regrouped": _("changed a group"),
    "imported": _("brought it in"),
    "imported_again": _("brought something new of it"),
    "merged": _("let it live on in another item"),
    "split": _("let it live by itself again"),
    "reported": _("said how it is just now"),
    "cleared": _("said that what a monitor had found is over"),
    "pinned": _("pinned a value"),
    "unpinned": _("let a value go to its sources again"),
    "task_added": _("gave a task"),
    "task_changed": _("changed a task"),
    "task_done": _("did a task"),
    "task_undone": _("took up a task again"),
    "task_removed": _("took a task away"),
}
