"""What was published stays as it was: the database itself refuses to change or delete a published row."""

from django.db import migrations

TABLES = ("publication", "published_lesson", "published_variant", "published_outline")

FUNCTION = """
CREATE FUNCTION refuse_to_change_what_was_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published row is never changed (%)', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("courses", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION refuse_to_change_what_was_published()"),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER published_rows_stay BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW "
                "EXECUTE FUNCTION refuse_to_change_what_was_published()",
                f"DROP TRIGGER published_rows_stay ON {table}",
            )
            for table in TABLES
        ),
    ]
