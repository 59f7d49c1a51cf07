from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("configuration", "0004_index")]
    operations = [
        AddConstraintNotValid("setting", models.CheckConstraint(condition=~models.Q(note=""), name="note_is_not_blank"))
    ]
