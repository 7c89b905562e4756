"""Is this uploaded file what it says, and may it be shown to others? Answered from its bytes alone.

Nothing here believes a name or a client's word. The decoders (Pillow, pypdf, ffmpeg) run in a child process that
`confinement` has taken network, rights, memory and time away from; the parent only hashes and moves files.
"""

from lms.files.checks.checking import CheckerFailed, check_file
from lms.files.checks.verdict import CheckedFile, FileRefused, Purpose

__all__ = ["CheckedFile", "CheckerFailed", "FileRefused", "Purpose", "check_file"]
