"""Files that were answered with: who reads one is whoever reads that answer."""

from catalog.items.models import FormUpload
from catalog.requests import permissions
from catalog.requests.models import Request
from catalog.requests.queries.answers import answers_to
from catalog.requests.queries.sight import decides_item, items_of, may_see
from itsm.files.models import Attachment
from itsm.files.readers import Reading
from itsm.kernel.actors import Actor


def reading_of_uploads(actor: Actor, upload_id: int) -> Reading | None:
    """How the actor reads a file for a form; None where it is not there for them."""
    upload = FormUpload.objects.filter(pk=upload_id).first()
    if upload is None:
        return None
    if upload.record_id is None:
        return Reading(upload, reads_all=False) if upload.by_id == actor.id else None
    request = Request.objects.filter(pk=upload.record_id).first() if upload.record_kind == Request.kind else None
    if request is None or not may_see(actor, request):
        return None
    keys = Attachment.objects.filter(record_kind=FormUpload.kind, record_id=upload.pk).values_list("key", flat=True)
    addresses = {f"/files/{key}/" for key in keys}
    for item in items_of(request):
        item.request = request
        if any(one.url in addresses for one in answers_to(item, actor, decides=decides_item(actor, item))):
            return Reading(upload, permissions.readers(actor, request))
    return None
