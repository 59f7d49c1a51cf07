from django.apps import AppConfig

_QUIET = {"expires": 5, "priority": 5}  # rows of a bulk stand behind whatever is due


class BulkConfig(AppConfig):
    name = "itsm.bulk"
    label = "bulk"
    badges = ("itsm.bulk.templatetags.bulk",)
    enum_names = {"BulkState": "itsm.bulk.models.Bulk.State", "BulkResult": "itsm.bulk.models.BulkRow.Result"}
    beat = {
        "rows of bulks that are left": {
            "task": "itsm.bulk.tasks.go_on",
            "schedule": 5.0,
            "options": _QUIET,
        },
        "bulks that are long over": {
            "task": "itsm.bulk.tasks.forget",
            "schedule": 24 * 3600.0,
            "options": {"expires": 3600},
        },
    }
