from itsm.mail.models.mailboxes import Mailbox as Mailbox
from itsm.mail.models.outgoing import OutgoingMail as OutgoingMail
from itsm.mail.models.undeliverable import Bounce as Bounce
from itsm.mail.models.undeliverable import UndeliverableAddress as UndeliverableAddress
