from django.apps import AppConfig


class OnCallConfig(AppConfig):
    name = "itsm.oncall"
    label = "oncall"
    enum_names = {
        "SwapStatus": "itsm.oncall.vocabulary.SwapStatus",
        "TurnUnit": "itsm.oncall.vocabulary.Unit",
        "TurnCount": "itsm.oncall.vocabulary.Count",
        "ShiftSource": "itsm.oncall.vocabulary.Source",
    }
