"""Somebody acknowledged an alert in the other system: a note, or an acknowledgement where the source may."""

from collections.abc import Sequence

from incidents.alerts_in.formats import Told
from incidents.alerts_in.formats.told import ACKNOWLEDGED
from incidents.alerts_in.models import AlertOccurrence, AlertSource
from incidents.alerts_in.operations.wording import INTAKE
from incidents.incident.models import Incident
from incidents.incident.operations import acknowledge
from incidents.incident.workflow import Status
from itsm import lifecycle


def follow(alerts: Sequence[AlertOccurrence], source: AlertSource, told: Sequence[Told]) -> None:
    """What these messages acknowledge, in the incidents of their alerts. Raises nothing."""
    said = {one.fingerprint: one.who for one in told if one.state == ACKNOWLEDGED}
    for alert in alerts:
        if alert.fingerprint not in said or alert.incident_id is None:
            continue
        incident = Incident.objects.get(pk=alert.incident_id)
        if source.may_acknowledge and incident.status == Status.NEW:
            acknowledge(incident, actor=INTAKE)
            continue
        lifecycle.announce(incident, "alert_acknowledged", actor=INTAKE, remark=alert.acknowledged_by)
