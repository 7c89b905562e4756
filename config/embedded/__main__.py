"""`python -m config.embedded run | shell -- CMD… | keys | bucket | reset`."""

import argparse
import os
import sys
from typing import Final

from config.embedded.errors import EmbeddedError, PortTaken
from config.embedded.keys import make_missing_keys
from config.embedded.places import Places
from config.embedded.progress import Progress
from config.embedded.reset import reset
from config.embedded.shell import run_with_servers
from config.embedded.storage import prepare_bucket
from config.embedded.system import System

FAILED: Final = 1
REFUSED: Final = 2  # before anything was started


def main(arguments: list[str]) -> int:
    """Run one command; every foreseen trouble is one sentence on stderr and a status other than 0."""
    chosen = _parser().parse_args(arguments)
    try:
        return _run(chosen)
    except PortTaken as error:
        return _refuse(error, REFUSED)
    except EmbeddedError as error:
        return _refuse(error, FAILED)


def _run(chosen: argparse.Namespace) -> int:
    progress = Progress()
    if chosen.what == "run":
        System(os.environ, progress).run()
    elif chosen.what == "shell":
        return run_with_servers(chosen.command, os.environ, Progress(quiet=True), only_running=chosen.running)
    elif chosen.what == "keys":
        make_missing_keys(Places.of(os.environ).keys)
    elif chosen.what == "bucket":
        prepare_bucket(os.environ, origins=[os.environ["PUBLIC_URL"], os.environ["CONTENT_ORIGIN"]])
    else:
        reset(os.environ, progress)
    return 0


def _refuse(error: EmbeddedError, status: int) -> int:
    print(f"✗ {error}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description=__doc__)
    ways = parser.add_subparsers(dest="what", required=True)
    ways.add_parser("run", help="the whole platform, until Ctrl-C")
    shell = ways.add_parser("shell", help="one command with the servers' environment")
    shell.add_argument("--running", action="store_true", help="refuse unless `make run` is up")
    shell.add_argument("command", nargs="+")
    ways.add_parser("keys", help="make the key files that are missing")
    ways.add_parser("bucket", help="make the bucket of the storage that the environment names")
    ways.add_parser("reset", help="remove the local state")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
