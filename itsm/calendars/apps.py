from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CalendarsConfig(AppConfig):
    name = "itsm.calendars"
    label = "calendars"
    settings_pages = (("work", _("Calendars"), _("When people work, and holidays."), "calendars:list"),)
