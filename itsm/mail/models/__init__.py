from itsm.mail.models.incoming import BlockedSender as BlockedSender
from itsm.mail.models.incoming import IncomingMail as IncomingMail
from itsm.mail.models.incoming import MailPart as MailPart
from itsm.mail.models.mailboxes import Mailbox as Mailbox
from itsm.mail.models.outgoing import OutgoingMail as OutgoingMail
from itsm.mail.models.undeliverable import Bounce as Bounce
from itsm.mail.models.undeliverable import UndeliverableAddress as UndeliverableAddress
