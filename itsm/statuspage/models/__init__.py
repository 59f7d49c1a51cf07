"""What a status page is made of."""

from itsm.statuspage.models.notices import Maintenance as Maintenance
from itsm.statuspage.models.notices import PublicIncident as PublicIncident
from itsm.statuspage.models.notices import PublicUpdate as PublicUpdate
from itsm.statuspage.models.notices import WithdrawnUpdate as WithdrawnUpdate
from itsm.statuspage.models.pages import Component as Component
from itsm.statuspage.models.pages import StatusPage as StatusPage
from itsm.statuspage.models.spans import ComponentSpan as ComponentSpan
from itsm.statuspage.models.subscribers import Subscriber as Subscriber
from itsm.statuspage.models.subscribers import Subscription as Subscription
