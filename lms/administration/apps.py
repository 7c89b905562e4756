from django.contrib.admin.apps import AdminConfig


class StaffConfig(AdminConfig):
    """Django's admin with our site for its own: `<app>/admin.py` says what stands on it."""

    default_site = "lms.administration.site.StaffSite"
