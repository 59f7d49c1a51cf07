"""The HTML of a mail for a page: cleaned once more as it is shown, its own pictures by their files, others left out."""

import nh3
from django.utils.safestring import SafeString, mark_safe

from itsm.mail.models import IncomingMail
from itsm.mail.parsing.hypertext import ATTRIBUTES, TAGS, UNSEEN

_REMOTE = ("http://", "https://")


def html_of(mail: IncomingMail, *, with_remote: bool) -> SafeString:
    """What may stand on a page. `with_remote`: pictures of elsewhere too, whose servers then learn that it was read."""
    own = {part.cid: part.attachment.get_absolute_url() for part in mail.parts.select_related("attachment")}

    def judged(tag: str, name: str, value: str) -> str | None:
        if name == "href":  # nothing that leads into this desk
            return value if value.lower().startswith((*_REMOTE, "mailto:")) else None
        if tag != "img" or name != "src":
            return value
        if value.lower().startswith("cid:"):
            return own.get(value[4:])
        return value if with_remote and value.lower().startswith(_REMOTE) else None

    clean = nh3.clean(
        mail.html, tags=TAGS, attributes=ATTRIBUTES, clean_content_tags=UNSEEN, attribute_filter=judged,
        url_schemes={"http", "https", "mailto", "cid"}, strip_comments=True,
        link_rel="noopener noreferrer nofollow", set_tag_attribute_values={"a": {"target": "_blank"}},
    )  # fmt: skip
    return mark_safe(clean)  # noqa: S308 - cleaned on the lines above


def has_remote_pictures(mail: IncomingMail) -> bool:
    """Whether it asks for pictures of elsewhere."""
    return any(f'src="{scheme}' in mail.html for scheme in _REMOTE)
