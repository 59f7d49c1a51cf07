"""How much time an entry may say, and of which days."""

from datetime import timedelta

MAX_MINUTES = 24 * 60
MAX_DAYS_BACK = 366
AHEAD = timedelta(days=1)  # where somebody sits, tomorrow may have begun
MAX_NOTE = 500
