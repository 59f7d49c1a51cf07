from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("configuration", "0006_validated")]
    operations = [
        migrations.AddField("setting", "half", models.IntegerField(null=True)),
        migrations.RunSQL("SELECT 1 / 0", ""),
    ]
