"""`make bench`: what our requests, drawings and imports cost beside what the machine allows."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from config.embedded.errors import EmbeddedError
from config.embedded.keys import make_missing_keys
from config.embedded.lock import Lock
from config.embedded.places import PROJECT, Places
from config.embedded.progress import Progress
from config.embedded.servers import Servers
from config.embedded.supervisor import Stopped, until_stopped
from config.embedded.system import base_environment
from lms.catalogues import compile_catalogues
from tests.bench.cluster import OPTIONS, Cluster
from tests.bench.jobs import Jobs
from tests.bench.loading import Loader, Wrk
from tests.bench.measuring import Measurement, Say
from tests.bench.plan import Plan
from tests.bench.requests import REQUESTS, WORKLOADS
from tests.bench.results import Row, table, with_ratios, write
from tests.bench.serving import cores, serving

# What is measured is what we start, whatever else is running here.
NOT_USED: Final = ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "STORAGE_ENDPOINT", "STORAGE_PUBLIC_URL")


def measure(
    places: Places,
    given: Mapping[str, str],
    plan: Plan,
    loader: Loader,
    say: Say,
    *,
    workloads: Sequence[str] = WORKLOADS,
) -> list[Row]:
    """Start the servers, seed what is not seeded yet, measure, and stop them."""
    with ExitStack() as stack:
        cluster, environment = stack.enter_context(_prepared(places, given, plan, say))
        asked = [workload for workload in workloads if workload in REQUESTS]
        with serving(cluster, environment, places) as servers:
            rows = list(Measurement(servers, cluster, loader, plan, say).rows(asked))
        say("certificates and imports")
        rows += Jobs(cluster, environment, places, plan).rows(workloads)
    return with_ratios(rows)


@contextmanager
def _prepared(
    places: Places, given: Mapping[str, str], plan: Plan, say: Say
) -> Iterator[tuple[Cluster, dict[str, str]]]:
    places.make()
    lock = Lock(places)
    with ExitStack() as stack:
        inherits = lock.acquire()
        stack.callback(lock.release)
        make_missing_keys(places.keys)
        compile_catalogues()
        environment = base_environment(places, given, 8000)
        servers = Servers(places, environment, postgres_options=OPTIONS, inherits=inherits)
        stack.callback(servers.stop)
        environment |= servers.start(Progress(quiet=True))
        servers.prepare_bucket(environment)
        cluster = Cluster(servers.postgres, environment, plan.size)
        say("seeding, where it was not done before")
        cluster.prepare()
        yield cluster, environment


def main(workloads: Sequence[str]) -> int:
    """Measure all, or only the workloads that are named; only all of them are kept in `var/bench.json`."""
    if workloads and not set(workloads) & set(WORKLOADS):
        return 0  # pages have a program of their own
    given = {name: value for name, value in os.environ.items() if name not in NOT_USED}
    var = PROJECT / "var"
    places = Places.of({**given, "JISR_VAR": str(var / "bench"), "JISR_KEYS": ""})
    try:
        places.make()
        with until_stopped():
            rows = measure(places, given, Plan.of(), Wrk(places.run), say, workloads=workloads or WORKLOADS)
    except (EmbeddedError, Stopped) as error:
        sys.stderr.write(f"✗ {error or 'stopped'}\n")
        return 1
    if not workloads:
        write(rows, var / "bench.json")
    say(
        f"{cores()} cores, shared with whatever else runs here; CPU is the servers' and PostgreSQL's together"
    )
    for line in table(rows):
        say(line)
    return 0


def say(what: str) -> None:
    sys.stdout.write(f"  {what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
