"""`reset`: start over. Removes the local state, and nothing that is not ours."""

import shutil
from collections.abc import Mapping
from typing import Final

from config.embedded.lock import Lock
from config.embedded.places import Places
from config.embedded.postgres import remove_elsewhere
from config.embedded.progress import Progress

FOLDERS: Final = ("postgres", "valkey", "storage", "keys", "log", "outbox", "static")
FILES: Final = ("demo.json", "servers.json")


def reset(given: Mapping[str, str], progress: Progress) -> None:
    """Remove databases, files, keys, logs and messages under `JISR_VAR`. Refuses while a system runs there.

    Servers named by the environment and keys in a folder of their own are left as they are.
    """
    places = Places.of(given)
    if not places.run.is_dir():
        progress.say("✓ nothing to remove")
        return
    lock = Lock(places)
    lock.acquire()
    try:
        remove_elsewhere(places)
        for name in FOLDERS:
            shutil.rmtree(places.var / name, ignore_errors=True)
        for name in FILES:
            (places.var / name).unlink(missing_ok=True)
        shutil.rmtree(places.run, ignore_errors=True)
    finally:
        lock.release()
    progress.say("✓ local state removed: `make run` starts over")
