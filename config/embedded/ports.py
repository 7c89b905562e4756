"""Ports and passwords of the local servers: chosen once, kept in `var/servers.json` (0600)."""

import json
import random
import secrets
import socket
from dataclasses import dataclass
from typing import Final

from config.embedded.errors import PortTaken
from config.embedded.places import Places, read_json, write_private

LOOPBACK: Final = "127.0.0.1"
# Below the range from which systems take ports for outgoing connections, also after the offset is added.
FIRST, LAST = 12_000, 21_900
SECOND_PORT_OFFSET: Final = 10_000  # SeaweedFS's parts look for each other at their port + 10000
_chance = random.SystemRandom()


@dataclass(frozen=True)
class Choices:
    """What the local servers keep from one start to the next."""

    places: Places

    def password(self, name: str) -> str:
        """The password of one server, made at the first question."""
        return str(self._kept(f"{name}_password", secrets.token_urlsafe(24)))

    def ports(self, name: str, count: int = 1) -> list[int]:
        """`count` free consecutive ports for a server: the same as last time unless one was taken since."""
        key = f"{name}_port"
        first = int(self._kept(key, 0))
        if not first or not all_free(first, count):
            first = free_run(count)
            self._keep(key, first)
        return list(range(first, first + count))

    def _kept(self, key: str, fresh: str | int) -> str | int:
        kept = read_json(self.places.var / "servers.json").get(key)
        if kept is None:
            self._keep(key, fresh)
            return fresh
        return str(kept) if isinstance(fresh, str) else int(kept)

    def _keep(self, key: str, value: str | int) -> None:
        path = self.places.var / "servers.json"
        write_private(path, json.dumps({**read_json(path), key: value}, indent=1))


def is_free(port: int) -> bool:
    """Whether nothing listens on the port of the loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def all_free(first: int, count: int) -> bool:
    """Whether a run of ports is free; a run of several also has its second ports."""
    wanted = range(first, first + count)
    seconds = range(first + SECOND_PORT_OFFSET, first + SECOND_PORT_OFFSET + count) if count > 1 else range(0)
    return all(is_free(port) for port in (*wanted, *seconds))


def free_run(count: int) -> int:
    """The first of `count` free consecutive ports."""
    while not all_free(first := _chance.randrange(FIRST, LAST), count):
        pass
    return first


def refuse_taken(port: int) -> None:
    """Refuse the port people would reach us at when another program has it."""
    if not is_free(port):
        raise PortTaken(
            f"Port {port} is taken by another program: stop it, "
            f"or choose another port with `make run PORT={port + 1}`"
        )
