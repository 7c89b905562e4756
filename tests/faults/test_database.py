"""PostgreSQL restarted and killed in mid-request: 503 or done, never a success without its row."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Thread

import psycopg

from learners.progress.models import ProgressEvent
from tests.faults.living import Living, Woman, account_of, each, someone_waits_for_a_lock, until
from tests.servers import BreakableServers

REFUSED = ("/courses", "/api/v1/courses", "/readyz")


@dataclass
class Writing:
    """A woman whose phone sends one event after the other until told to stop."""

    woman: Woman
    stop: Event
    acknowledged: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    impolite: int = 0

    def go_on(self) -> None:
        while not self.stop.is_set():
            event = self.woman.event("opened")
            answer = self.woman.send(event)
            self.answers[answer.status_code] += 1
            self.impolite += answer.status_code == 503 and "Retry-After" not in answer.headers
            if answer.status_code == 200:
                self.acknowledged.append(event["id"])


def test_a_request_in_the_middle_of_a_restart_is_refused_and_leaves_nothing(
    living: Living, servers: BreakableServers
) -> None:
    [woman] = living.women(1)
    living.settle()
    with psycopg.connect(living.platform.environment["DATABASE_URL"]) as ours, ThreadPoolExecutor(1) as pool:
        ours.execute("SELECT FROM enrolment WHERE id = %s FOR UPDATE", [woman.enrolment.pk])
        asked = pool.submit(woman.finish)
        until(someone_waits_for_a_lock, "her request waits in the middle of its transaction")
        servers.postgres.restart()
        answer = asked.result(timeout=60)
        ours.close()
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert not ProgressEvent.objects.filter(person=woman.person).exists()
    woman.finish_surely()
    living.settle()
    assert account_of([woman]) == each(1)


def test_every_acknowledged_event_survives_a_killed_database_and_all_processes_come_back(
    living: Living, servers: BreakableServers
) -> None:
    stop = Event()
    writings = [Writing(woman, stop) for woman in living.women(4)]
    before = {name: process.pid for name, process in living.platform.processes.items()}
    threads = [Thread(target=writing.go_on) for writing in writings]
    for thread in threads:
        thread.start()
    try:
        until(lambda: all(w.acknowledged for w in writings), "everyone was heard")
        servers.postgres.kill()
        with ThreadPoolExecutor(len(REFUSED)) as pool:
            answers = dict(zip(REFUSED, pool.map(living.http.get, REFUSED), strict=True))
        told = {
            path: (answer.status_code, "Retry-After" in answer.headers) for path, answer in answers.items()
        }
        assert told == dict.fromkeys(REFUSED, (503, True))
        until(lambda: all(w.answers[503] for w in writings), "everyone is refused")
        assert living.http.get("/healthz").status_code == 200
        servers.postgres.restart()
        heard = [len(w.acknowledged) for w in writings]
        until(
            lambda: all(len(w.acknowledged) > n + 2 for w, n in zip(writings, heard, strict=True)),
            "everyone is heard again",
        )
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    sent = sum((w.answers for w in writings), Counter())
    assert set(sent) == {200, 503}
    assert not any(w.impolite for w in writings)
    stored = {str(id_) for id_ in ProgressEvent.objects.values_list("event_id", flat=True)}
    assert {id_ for w in writings for id_ in w.acknowledged} <= stored
    women = [writing.woman for writing in writings]
    assert [woman.finish().status_code for woman in women] == [200] * 4
    living.settle(later=True)
    assert account_of(women) == each(4)
    assert {
        name: process.pid for name, process in living.platform.processes.items() if process.alive
    } == before
