"""One file in two tabs: announced, sent and completed at the same moment, it is one file."""

import os

import pytest

from lms.files.models import Upload
from tests.cast import build_country, client_for, make_staff
from tests.lms.files.sending import address, complete, fingerprint, put_parts
from tests.outbox import work_off
from tests.races.racing import TIMES, at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_file_from_two_tabs_is_received_and_checked_once(transactional_db: None) -> None:
    trainer = make_staff("trainer", build_country().institute)
    tabs = [client_for(trainer), client_for(trainer)]
    for _ in range(TIMES):
        data = os.urandom(200)
        asked = {"name": "x", "size": len(data), "purpose": "image", "fingerprint": fingerprint(data)}
        told = at_once(
            *(lambda tab=tab, asked=asked: tab.post("/api/v1/uploads", asked, format="json") for tab in tabs)
        )
        assert sorted(answer.status_code for answer in told) == [200, 201]
        [upload] = {answer.json()["id"]: answer.json() for answer in told}.values()
        sent = [put_parts(upload, data, address(tab, upload, data)) for tab in tabs]
        ended = at_once(
            *(
                lambda tab=tab, upload=upload, parts=parts: complete(tab, upload, parts)
                for tab, parts in zip(tabs, sent, strict=True)
            )
        )
        assert [answer.json()["state"] for answer in ended] == ["checking", "checking"]
        assert work_off() == ["check_upload"]
    assert Upload.objects.count() == TIMES
