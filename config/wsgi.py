import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from learners.demonstration.guard import refuse_demonstration_sessions  # noqa: E402  # models need the apps above

refuse_demonstration_sessions()
