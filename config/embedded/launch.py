"""Becomes another program that dies with its parent: `launch.py SIGNAL PARENT UID GID PROGRAM ARGUMENTS…`.

A script of its own, run by path, because between fork and exec no Python may run where there are threads. UID and GID
are `-` to stay who we are.
"""

import ctypes
import os
import sys
from typing import Final

DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG of prctl(2)


def main(words: list[str]) -> None:
    number, parent, uid, gid, *command = words
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    # After setuid, which would clear it. Elsewhere than on Linux a kill -9 of the parent leaves its children.
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl:
        prctl(DIE_WITH_PARENT, int(number))
    if os.getppid() != int(parent):
        sys.exit("the parent is gone")
    os.execv(command[0], command)  # noqa: S606 no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
