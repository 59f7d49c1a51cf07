from django.apps import AppConfig


class ErasureConfig(AppConfig):
    name = "itsm.erasure"
    label = "erasure"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from itsm.accounts import erasing
        from itsm.accounts.naming import names_people
        from itsm.audit import append_only
        from itsm.clocks import due
        from itsm.erasure import exporting, operations, personal
        from itsm.notifications.lanes import Lane
        from itsm.ui.event_texts import register_event_text

        append_only.only_read("erasure_erasureword")
        due.register(operations.DUE, operations.go_on_when_due, lane=Lane.BULK)
        due.register(exporting.DUE, exporting.make_when_due, lane=Lane.BULK)
        due.register(exporting.SWEEP, exporting.forget_when_due, lane=Lane.BULK)
        erasing.register("fields_field.personal", count=personal.count, forget=personal.forget)
        names_people("audit_entry", "actor_name", "reference", "changes")
        names_people("clocks_calendarversion", "by_name")
        register_event_text("user.erasing", _("began to erase this person"))
        register_event_text("user.exported", _("exported what is kept about this person"))
        register_event_text("user.audit_exported", _("exported the history of everything"))
        register_event_text("user.erased", _("erased this person: their names are masked everywhere"))
        register_event_text("user.held", _("placed a legal hold: this person may not be erased"))
        register_event_text("user.released", _("lifted the legal hold"))
