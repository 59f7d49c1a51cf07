"""Typed fields of records."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FieldsConfig(AppConfig):
    name = "itsm.fields"
    label = "fields"
    settings_pages = (("work", _("Fields"), _("What forms ask beside what is always there."), "fields:list"),)
    enum_names = {"FieldKind": "itsm.fields.vocabulary.Type", "FieldRequired": "itsm.fields.vocabulary.Required"}

    def ready(self) -> None:
        from itsm.clocks import due
        from itsm.fields import operations, references
        from itsm.fields.models import Field
        from itsm.ui import event_texts

        references.register("person", references.PEOPLE)
        references.register("team", references.TEAMS)
        due.register(operations.PURGE, operations.purge_when_due)
        history = {
            "created": _("added this field"),
            "narrowed": _("tightened it where it is inherited"),
            "retired": _("retired it"),
            "revived": _("brought it back"),
            "purge_began": _("began to purge its values"),
            "purged": _("purged it"),
        }
        event_texts.tells(Field.kind, events=history)
