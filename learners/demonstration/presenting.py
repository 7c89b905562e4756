"""When the demonstration can be shown: its documents are drawn, its sign-ins written, its tour told."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from learners.certificates.models import Certificate, CertificateState
from learners.demonstration.sign_ins import write_demonstration_file, write_privately
from learners.demonstration.tour import lines

PATIENCE: Final = 120  # seconds without any new drawing
LOOK_EVERY: Final = 0.5
SAY_EVERY: Final = 5.0


class NobodyDraws(Exception):
    """Certificates wait, and none was drawn for a long time; the message says how many and how long."""


def pending_certificates() -> int:
    """How many documents the workers have still to draw."""
    return Certificate.objects.filter(state=CertificateState.PENDING).count()


def wait_until_drawn(*, say: Callable[[str], object], patience: float = PATIENCE) -> None:
    """Return when the workers have drawn every certificate. Raises `NobodyDraws`."""
    moved = said = time.monotonic()
    before = 0
    while pending := pending_certificates():
        now = time.monotonic()
        if pending != before:
            moved, before = now, pending
        if now - moved > patience:
            raise NobodyDraws(f"{pending} certificates wait and none was drawn for {patience:.0f} s")
        if now - said >= SAY_EVERY:
            say(f"{pending} certificates to draw")
            said = now
        time.sleep(LOOK_EVERY)


def present(folder: Path, *, at: datetime) -> None:
    """Write `demo.json` and `tour.txt` into a folder. Raises as `write_demonstration_file`."""
    write_demonstration_file(folder / "demo.json", at=at)
    write_privately(folder / "tour.txt", "".join(f"{line}\n" for line in lines()).encode())
