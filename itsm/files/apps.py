from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "itsm.files"
    label = "files"
    enum_names = {"FileState": "itsm.files.vocabulary.State"}
    beat = {
        "look at new files": {
            "task": "itsm.files.tasks.look_at_new_files",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        "sweep files": {"task": "itsm.files.tasks.sweep_files", "schedule": 24 * 3600.0},
    }
