"""What is due, calendars, and the clocks of any record."""

from itsm.clocks.models.calendar import Calendar, CalendarVersion
from itsm.clocks.models.clock import Clock, ClockEvent
from itsm.clocks.models.due import Due, Heartbeat, Lateness

__all__ = ["Calendar", "CalendarVersion", "Clock", "ClockEvent", "Due", "Heartbeat", "Lateness"]
