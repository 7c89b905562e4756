"""`shell -- CMD…`: one command with the servers and the environment of the platform."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from types import FrameType

from config.embedded.errors import EmbeddedError
from config.embedded.keys import make_missing_keys
from config.embedded.lock import Lock
from config.embedded.places import PROJECT, Places, read_json
from config.embedded.progress import Progress
from config.embedded.servers import Servers
from config.embedded.system import base_environment, port_of


def run_with_servers(
    command: Sequence[str], given: Mapping[str, str], progress: Progress, *, only_running: bool = False
) -> int:
    """Run a command and return its exit status (128 + the signal's number if one ended it).

    Where `make run` is up the command joins it; else the three servers run as long as the command, or, with
    `only_running`, the command is refused.
    """
    places = Places.of(given)
    places.make()
    lock = Lock(places)
    if lock.is_held() and (running := read_json(places.environment_file)):
        return _run(command, {**given, **running})
    if only_running:
        raise EmbeddedError("No Jisr is running here: start it with `make run` in another terminal")
    with ExitStack() as stack:
        inherits = lock.acquire()
        stack.callback(lock.release)
        make_missing_keys(places.keys)
        environment = base_environment(places, given, port_of(given))
        servers = Servers(places, environment, inherits=inherits)
        stack.callback(servers.stop)
        environment |= servers.start(progress)
        servers.prepare_bucket(environment)
        return _run(command, environment)


def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    try:
        child = subprocess.Popen(command, env=environment, cwd=PROJECT)
    except OSError as error:
        raise EmbeddedError(f"{command[0]} cannot be run: {error.strerror}") from error

    def pass_on(number: int, _frame: FrameType | None) -> None:
        child.send_signal(number)

    # The terminal's Ctrl-C reaches the command by itself; we stay to stop the servers after it.
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN),
        signal.SIGTERM: signal.signal(signal.SIGTERM, pass_on),
    }
    try:
        status = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return status if status >= 0 else 128 - status
