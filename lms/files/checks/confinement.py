"""Taking away from this process, for good, whatever a decoder does not need."""

import ctypes
import os
import pwd
import resource
from dataclasses import dataclass
from pathlib import Path
from typing import Final

INPUT: Final = Path("input")
OUTPUT_FOLDER: Final = Path("out")
RESULT: Final = OUTPUT_FOLDER / "result"

MEBIBYTE: Final = 1024 * 1024
GIBIBYTE: Final = 1024 * MEBIBYTE

# linux/sched.h and linux/prctl.h: Python 3.11 has no names for them.
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWNET: Final = 0x40000000
PR_SET_NO_NEW_PRIVILEGES: Final = 38


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one check may use. Bytes and seconds; `address_space` is virtual memory, more than what is touched."""

    input_bytes: int
    output_bytes: int
    address_space: int
    cpu_seconds: int
    wall_seconds: int
    starts_programs: bool


DRAWS_A_PICTURE: Final = Limits(
    input_bytes=4 * GIBIBYTE,
    output_bytes=4 * MEBIBYTE,
    address_space=2 * GIBIBYTE,
    cpu_seconds=60,
    wall_seconds=90,
    starts_programs=True,
)
SHRINKS_A_PICTURE: Final = Limits(
    input_bytes=50 * MEBIBYTE,
    output_bytes=4 * MEBIBYTE,
    address_space=GIBIBYTE,
    cpu_seconds=30,
    wall_seconds=90,
    starts_programs=False,
)

LIMITS: Final = {
    "image": Limits(
        input_bytes=50 * MEBIBYTE,
        output_bytes=50 * MEBIBYTE,
        address_space=GIBIBYTE,
        cpu_seconds=30,
        wall_seconds=90,
        starts_programs=False,
    ),
    "document": Limits(
        input_bytes=100 * MEBIBYTE,
        output_bytes=MEBIBYTE,
        address_space=GIBIBYTE,
        cpu_seconds=45,
        wall_seconds=120,
        starts_programs=False,
    ),
    "sheet": Limits(
        input_bytes=50 * MEBIBYTE,
        output_bytes=200 * MEBIBYTE,
        address_space=1536 * MEBIBYTE,
        cpu_seconds=20,
        wall_seconds=30,
        starts_programs=False,
    ),
    "audio": Limits(
        input_bytes=GIBIBYTE,
        output_bytes=GIBIBYTE,
        address_space=2 * GIBIBYTE,
        cpu_seconds=900,
        wall_seconds=1800,
        starts_programs=True,
    ),
    "voice": Limits(
        input_bytes=2 * MEBIBYTE,
        output_bytes=4 * MEBIBYTE,
        address_space=2 * GIBIBYTE,
        cpu_seconds=30,
        wall_seconds=60,
        starts_programs=True,
    ),
    "video": Limits(
        input_bytes=4 * GIBIBYTE,
        output_bytes=4 * GIBIBYTE,
        address_space=2 * GIBIBYTE,
        cpu_seconds=4 * 3600,
        wall_seconds=3 * 3600,
        starts_programs=True,
    ),
    "film_240p": Limits(
        input_bytes=4 * GIBIBYTE,
        output_bytes=GIBIBYTE,
        address_space=2 * GIBIBYTE,
        cpu_seconds=2 * 3600,
        wall_seconds=2400,
        starts_programs=True,
    ),
    "film_480p": Limits(
        input_bytes=4 * GIBIBYTE,
        output_bytes=GIBIBYTE,
        address_space=2 * GIBIBYTE,
        cpu_seconds=3 * 3600,
        wall_seconds=2400,
        starts_programs=True,
    ),
    "still": DRAWS_A_PICTURE,
    "first_page": DRAWS_A_PICTURE,
    "picture_320": SHRINKS_A_PICTURE,
    "picture_800": SHRINKS_A_PICTURE,
    "sound_alone": Limits(
        input_bytes=4 * GIBIBYTE,
        output_bytes=GIBIBYTE,
        address_space=2 * GIBIBYTE,
        cpu_seconds=900,
        wall_seconds=900,
        starts_programs=True,
    ),
}


@dataclass(frozen=True, kw_only=True)
class Confinement:
    """What could really be taken away; the operator is told where it is not everything."""

    network_isolated: bool
    unprivileged: bool


def nobody() -> tuple[int, int]:
    """User and group without rights: `nobody`, or its customary number where the system has no such name."""
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534
    return entry.pw_uid, entry.pw_gid


def confine(scratch: Path, limits: Limits) -> Confinement:
    """Shut this process into `scratch`. Cannot be undone; everything it will import must be loaded before."""
    os.umask(0o077)
    os.chdir(scratch)
    was_root = os.geteuid() == 0
    isolated = leave_the_network(as_root=was_root)
    if was_root:
        give_up_root(keeps_folders=limits.starts_programs)
    refuse_new_privileges()
    set_limits(limits)
    return Confinement(network_isolated=isolated, unprivileged=was_root)


def leave_the_network(*, as_root: bool) -> bool:
    """Move to a network namespace with nothing in it; false where the kernel or the container forbids that."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "unshare"):
        return False
    # Without root a network namespace is only given inside a user namespace of one's own.
    flags = CLONE_NEWNET if as_root else CLONE_NEWNET | CLONE_NEWUSER
    return bool(libc.unshare(flags) == 0)


def give_up_root(*, keeps_folders: bool) -> None:
    if not keeps_folders:
        os.chroot(".")
    user, group = nobody()
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)


def refuse_new_privileges() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "prctl"):
        libc.prctl(PR_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def set_limits(limits: Limits) -> None:
    ceilings = {
        resource.RLIMIT_AS: limits.address_space,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: limits.output_bytes,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }
    if not limits.starts_programs:
        ceilings[resource.RLIMIT_NPROC] = 0
    for name, value in ceilings.items():
        resource.setrlimit(name, (value, value))
