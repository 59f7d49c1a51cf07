from django.db import migrations

from itsm.continuity.migrating.operations import InBatches


class Migration(migrations.Migration):
    dependencies = [("configuration", "0002_note")]
    atomic = False
    operations = [InBatches("setting", where="note IS NULL", values="note = 'old'", size=2000)]
