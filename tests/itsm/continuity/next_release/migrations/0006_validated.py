from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("configuration", "0005_held")]
    operations = [ValidateConstraint("setting", "note_is_not_blank")]
