"""What is stored of alerts."""

from incidents.alerts_in.models.occurrence import AlertOccurrence as AlertOccurrence
from incidents.alerts_in.models.quiet import Quiet as Quiet
from incidents.alerts_in.models.quiet import QuietCopy as QuietCopy
from incidents.alerts_in.models.routing import RoutingVersion as RoutingVersion
from incidents.alerts_in.models.source import AlertIntake as AlertIntake
from incidents.alerts_in.models.source import AlertSource as AlertSource
from incidents.alerts_in.models.source import AlertTally as AlertTally
