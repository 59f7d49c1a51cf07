from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("configuration", "0003_filled")]
    atomic = False
    operations = [AddIndexConcurrently("setting", models.Index(fields=["note"], name="setting_by_note"))]
