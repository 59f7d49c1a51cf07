"""Headroom's project and platform. The Celery application is named here for `celery -A itsm`."""
