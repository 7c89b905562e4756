from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("learners", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE progress_event ADD COLUMN later integer",
            "ALTER TABLE progress_event DROP COLUMN later",
        )
    ]
