"""Static files of installed packages that pages really use; the rest stays out of the served folder."""

from typing import Any

from django.contrib.staticfiles.finders import AppDirectoriesFinder


class ThirdPartyApps(AppDirectoriesFinder):
    """Only the API documentation's assets: our own and npm's come from STATICFILES_DIRS."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(["drf_spectacular_sidecar"], *args, **kwargs)
