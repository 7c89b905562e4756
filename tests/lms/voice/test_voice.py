"""A voice note: sealed from its arrival, plain speech of a minute at most, forgotten without a trace."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from django.utils import timezone
from rest_framework.test import APIClient

from learners.personal_data.services import erase_person, export_person
from lms import sealing
from lms.files import storage
from lms.files.services import QUARANTINE, sweep_quarantine
from lms.voice.models import VoiceNote
from lms.voice.services import (
    LARGEST,
    NOTES_AN_HOUR,
    VoiceUnknown,
    attach_voice,
    check_voice,
    forget_unattached,
    open_voice,
    receive_voice,
)
from tests.cast import Country, client_for, make_person
from tests.lms.files.recordings import needs_ffmpeg, tone
from tests.lms.voice.sounds import send_voice, sent_voice
from tests.outbox import work_off


@pytest.fixture
def alice(country: Country) -> Any:
    return make_person(home=country.larache_centre)


@pytest.fixture
def phone(alice: Any) -> APIClient:
    return client_for(alice)


def state_of(phone: APIClient, id_: str) -> dict[str, Any]:
    said: dict[str, Any] = phone.get(f"/api/v1/voice-notes/{id_}").json()
    return said


def objects() -> set[str]:
    found = storage.sizes("voice/", after="", until="voice/~") | storage.sizes(
        QUARANTINE, after="", until=f"{QUARANTINE}~"
    )
    return {key for key in found if key in set(VoiceNote.objects.values_list("key", flat=True))}


@needs_ffmpeg
def test_it_becomes_plain_speech_under_its_own_id(phone: APIClient) -> None:
    id_ = sent_voice(phone, seconds=1.0)
    said = state_of(phone, id_)
    assert (said["id"], said["state"], said["code"]) == (id_, "ready", None)
    assert said["seconds"] == pytest.approx(1.0, abs=0.2)
    note = VoiceNote.objects.get()
    assert note.content_type == "audio/mp4"
    assert open_voice(note)[4:8] == b"ftyp"


def test_the_storage_never_holds_it_open(phone: APIClient) -> None:
    sound = tone(0.4)
    send_voice(phone, sound)
    received = b"".join(storage.read(VoiceNote.objects.get().key))
    assert sound[:100] not in received
    assert b"RIFF" not in received
    work_off()
    note = VoiceNote.objects.get()
    kept = b"".join(storage.read(note.key))
    assert b"ftyp" not in kept
    with pytest.raises(InvalidTag):
        sealing.unseal_bytes(kept, table="voice_note", column="object", row=uuid4())


def test_sent_again_it_is_kept_once_and_another_sound_is_refused(phone: APIClient) -> None:
    id_ = uuid4()
    first, again = (send_voice(phone, tone(0.3), id_=id_) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    other = send_voice(phone, tone(0.5), id_=id_)
    assert (other.status_code, other.json()["code"]) == (409, "voice_id_reused")
    assert VoiceNote.objects.count() == 1


def test_another_persons_id_is_neither_taken_nor_told(phone: APIClient, country: Country) -> None:
    id_ = sent_voice(phone, checked=False)
    stranger = client_for(make_person(home=country.larache_centre))
    assert stranger.get(f"/api/v1/voice-notes/{id_}").status_code == 404
    assert send_voice(stranger, tone(0.3), id_=id_).json()["code"] == "voice_id_reused"


@pytest.mark.parametrize(
    ("sound", "code"), [(b"", "voice_empty"), (b"\x00" * (LARGEST + 1), "voice_too_large")]
)
def test_nothing_and_too_much_are_refused_at_once(phone: APIClient, sound: bytes, code: str) -> None:
    assert send_voice(phone, sound).json()["code"] == code
    assert not VoiceNote.objects.exists()


def test_what_is_no_sound_goes_by_another_type(phone: APIClient) -> None:
    assert send_voice(phone, b"{}", kind="application/json").status_code == 415


@pytest.mark.parametrize(
    ("sound", "code"),
    [
        (tone(0.3)[:200], "file_broken"),
        (b"<html><script>alert(1)</script></html>", "type_mismatch"),
        (b"MZ" + b"\x00" * 4000, "type_mismatch"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_reason_and_goes(
    phone: APIClient, sound: bytes, code: str
) -> None:
    id_ = send_voice(phone, sound).json()["id"]
    key = VoiceNote.objects.get().key
    work_off()
    said = state_of(phone, id_)
    assert (said["state"], said["code"]) == ("refused", code)
    assert said["detail"]
    assert key not in storage.sizes(QUARANTINE, after="", until=f"{QUARANTINE}~")


def test_a_voice_note_of_an_hour_is_refused(phone: APIClient) -> None:
    """At so few hertz that an hour weighs what a minute may."""
    id_ = send_voice(phone, slow_tone(seconds=3600)).json()["id"]
    work_off()
    assert state_of(phone, id_)["code"] == "voice_too_long"


def slow_tone(*, seconds: int) -> bytes:
    whole = bytearray(tone(0.1)[:44])
    hertz, data = 200, b"\x10\x20" * (200 * seconds)
    whole[24:28], whole[28:32] = hertz.to_bytes(4, "little"), (2 * hertz).to_bytes(4, "little")
    whole[4:8], whole[40:44] = (36 + len(data)).to_bytes(4, "little"), len(data).to_bytes(4, "little")
    return bytes(whole) + data


def test_nobody_records_without_end(alice: Any) -> None:
    phone = client_for(alice)
    rows = [VoiceNote(uuid=uuid4(), owner=alice, key=f"k{n}", sha256="") for n in range(NOTES_AN_HOUR)]
    VoiceNote.objects.bulk_create(rows)
    refused = send_voice(phone, tone(0.3))
    assert (refused.status_code, refused.json()["code"]) == (429, "voice_too_many")
    assert int(refused["Retry-After"]) > 0


def test_checked_twice_it_is_the_same_object(phone: APIClient) -> None:
    send_voice(phone, tone(0.4))
    note = VoiceNote.objects.get()
    check_voice(voice_id=note.pk)
    first = VoiceNote.objects.get().key
    check_voice(voice_id=note.pk)
    work_off()
    assert VoiceNote.objects.get().key == first
    assert objects() == {first}


def test_it_is_spoken_of_once_and_by_her_alone(alice: Any, country: Country) -> None:
    at = timezone.now()
    note, _new = receive_voice(owner=alice, id_=uuid4(), sound=tone(0.3), at=at)
    with pytest.raises(VoiceUnknown):
        attach_voice(owner=make_person(home=country.larache_centre), id_=note.uuid, at=at)
    assert attach_voice(owner=alice, id_=note.uuid, at=at).attached_at == at
    with pytest.raises(VoiceUnknown):
        attach_voice(owner=alice, id_=note.uuid, at=at)


def test_what_nothing_names_is_forgotten_after_a_week(alice: Any) -> None:
    at = timezone.now()
    old, _new = receive_voice(owner=alice, id_=uuid4(), sound=tone(0.3), at=at - timedelta(days=8))
    named, _new = receive_voice(owner=alice, id_=uuid4(), sound=tone(0.3), at=at - timedelta(days=8))
    attach_voice(owner=alice, id_=named.uuid, at=at)
    fresh, _new = receive_voice(owner=alice, id_=uuid4(), sound=tone(0.3), at=at)
    assert forget_unattached(at=at) == 1
    work_off()
    assert set(VoiceNote.objects.values_list("uuid", flat=True)) == {named.uuid, fresh.uuid}
    assert old.key not in storage.sizes(QUARANTINE, after="", until=f"{QUARANTINE}~")


def test_sweeping_the_quarantine_leaves_fresh_recordings(phone: APIClient) -> None:
    send_voice(phone, tone(0.3))
    sweep_quarantine(at=timezone.now())
    assert objects()


def test_forgotten_she_leaves_no_sound(alice: Any, phone: APIClient) -> None:
    sent_voice(phone)
    key = VoiceNote.objects.get().key
    assert export_person(alice)["held"]["voice_note"][0]["seconds"] is not None
    erase_person(person=alice, by=None, reason="asked", at=timezone.now())
    work_off()
    assert not VoiceNote.objects.exists()
    assert key not in storage.sizes("voice/", after="", until="voice/~")
