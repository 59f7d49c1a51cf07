"""The web server's entrance."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from itsm.home.answered_first import answers_first
from itsm.kernel.places import held_by_each

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")

application = answers_first(held_by_each(get_wsgi_application()))
# Every page's code now, once for all processes that are forked: else the first request of each waits for it.
patterns = get_resolver().url_patterns
