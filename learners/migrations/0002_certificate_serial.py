from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("learners", "0001_initial")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE certificate_serial", "DROP SEQUENCE certificate_serial"),
    ]
