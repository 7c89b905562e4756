"""The file adapter: one whole line per message, whoever writes at the same time."""

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from lms.messages.sms import FileGateway
from tests.races.racing import at_once

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def test_a_message_is_one_line_of_json_that_only_we_can_read(tmp_path: Path) -> None:
    outbox = tmp_path / "made" / "when-needed.jsonl"
    FileGateway(outbox).send(to="+212612345678", text="رمزك\n123456", at=AT)
    assert [json.loads(line) for line in outbox.read_text().splitlines()] == [
        {"to": "+212612345678", "text": "رمزك\n123456", "at": "2026-11-22T10:00:00Z"}
    ]
    assert outbox.stat().st_mode & 0o077 == 0


def test_messages_sent_at_once_never_mix(tmp_path: Path) -> None:
    outbox = tmp_path / "sms.jsonl"

    def send(number: int) -> None:
        FileGateway(outbox).send(to=str(number), text="م" * 5_000, at=AT)

    at_once(*[partial(send, n) for n in range(20)])
    lines = [json.loads(line) for line in outbox.read_text().splitlines()]
    assert sorted(int(line["to"]) for line in lines) == list(range(20))


def test_an_outbox_that_cannot_be_written_is_an_error_to_try_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        FileGateway(tmp_path / "file" / "sms.jsonl").send(to="1", text="x", at=AT)
