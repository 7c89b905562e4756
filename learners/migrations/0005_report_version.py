from django.db import migrations, models

FUNCTION = """
CREATE FUNCTION change_report_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO report_version (id, version) VALUES (1, gen_random_uuid())
        ON CONFLICT (id) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END $$
"""
# Row by row, so that a statement that changes nothing makes no new version; a TRUNCATE knows no rows.
TRIGGERS = """
CREATE TRIGGER report_version_rows AFTER INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION change_report_version();
CREATE TRIGGER report_version_truncate AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION change_report_version()
"""
NO_TRIGGERS = """
DROP TRIGGER report_version_rows ON {table};
DROP TRIGGER report_version_truncate ON {table}
"""
FIRST = "INSERT INTO report_version (id, version) VALUES (1, gen_random_uuid())"
TABLES = ("tally", "organisation", "centre_type")


class Migration(migrations.Migration):
    dependencies = [("learners", "0004_letters"), ("lms", "0003_findings")]
    operations = [
        migrations.CreateModel(
            name="ReportVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.UUIDField()),
            ],
            options={"db_table": "report_version"},
        ),
        migrations.RunSQL(FIRST, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION change_report_version()"),
        *(
            migrations.RunSQL(TRIGGERS.format(table=table), NO_TRIGGERS.format(table=table))
            for table in TABLES
        ),
    ]
