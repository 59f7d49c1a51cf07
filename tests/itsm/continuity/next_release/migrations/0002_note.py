from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("configuration", "0001_initial")]
    operations = [migrations.AddField("setting", "note", models.CharField(max_length=20, null=True))]
