"""What beat runs and when. Times of day are Africa/Casablanca.

What runs each minute counts minutes and not the clock: in the night in which the clock shows an hour twice it would
else stand still for an hour.
"""

from datetime import timedelta
from typing import Any

from celery.schedules import crontab

EACH_MINUTE = timedelta(minutes=1)

SCHEDULE: dict[str, dict[str, Any]] = {
    "seal looks": {"task": "tasks.seal_looks", "schedule": EACH_MINUTE},
    "forget what is old": {"task": "tasks.forget_what_is_old", "schedule": crontab(minute=25)},
    "bury forgotten": {"task": "tasks.bury_forgotten", "schedule": crontab(minute=50)},
    "reconcile certificates": {
        "task": "tasks.reconcile_certificates",
        "schedule": crontab(hour=2, minute=10),
        "options": {"queue": "certificates"},
    },
    "sweep quarantine": {
        "task": "tasks.sweep_quarantine",
        "schedule": crontab(hour=3, minute=40),
        "options": {"queue": "media"},
    },
    "forget unattached voices": {
        "task": "tasks.forget_unattached_voices",
        "schedule": crontab(hour=3, minute=50),
        "options": {"queue": "media"},
    },
    "publish what is due": {"task": "tasks.publish_due", "schedule": EACH_MINUTE},
    "find renditions": {
        "task": "tasks.find_renditions",
        "schedule": EACH_MINUTE,
        "options": {"queue": "media"},
    },
    "forget imported rows": {
        "task": "tasks.forget_imported_rows",
        "schedule": crontab(hour=3, minute=20),
        "options": {"queue": "imports"},
    },
    "reconcile tallies": {
        "task": "tasks.reconcile_tallies",
        "schedule": crontab(hour=0, minute=30),
        "options": {"queue": "tallies"},
    },
    "find almost there": {"task": "tasks.find_almost_there", "schedule": crontab(hour=10, minute=15)},
    "find letters": {"task": "tasks.find_letters", "schedule": EACH_MINUTE},
    "find silent": {"task": "tasks.find_silent", "schedule": crontab(hour=10, minute=0)},
}
