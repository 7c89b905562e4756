"""Keeping the demonstration's open doors out of production."""

from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from lms.sign_in.models import Session

DEMONSTRATION: Final = "demo"


def refuse_demonstration_sessions() -> None:
    """Stop a production process from starting while a demonstration's token would open its door. One statement.

    Called by every entry (config/wsgi.py, config/celery.py) once the apps are ready. Elsewhere it does nothing.
    """
    if settings.PRODUCTION and Session.objects.filter(kind=DEMONSTRATION).exists():
        raise ImproperlyConfigured(
            "This database holds sessions of a demonstration: production does not start with them. Load it into a "
            "database of its own, or delete them: DELETE FROM session WHERE kind = 'demo'"
        )
