"""The settings of a next release, whose migration changes the table that every phone writes to."""

from config.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.later"]  # noqa: F405
