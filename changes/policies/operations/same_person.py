"""Two accounts become one person: what rules by the approval of one of them stays what it is.

Promise: which policy rules changes by an approval and by nothing else, so that nobody brings back an earlier, perhaps
kinder one by whose an account is.
"""

from django.utils.translation import gettext

from changes.policies.queries import ruling_by
from itsm.accounts.interest import natural_persons
from itsm.accounts.models import User
from itsm.kernel.errors import Conflict
from itsm.locks import AdvisoryLock, one_at_a_time


def keep_what_rules(old: User, new: User) -> None:
    """Raises Conflict where one of them proposed what rules, and the other approved it."""
    # Who activates meanwhile has not said yet what rules.
    one_at_a_time(AdvisoryLock.POLICY_RULES)
    rules = ruling_by()
    if rules is not None and natural_persons((rules.proposed_by, rules.approved_by)) == {old.pk, new.pk}:
        raise Conflict(
            gettext(
                "%(policy)s rules because one of them approved what the other proposed: as one person they would bring "
                "back what ruled before. Let another version rule first, which somebody else approved."
            )
            % {"policy": rules.version.reference}
        )
