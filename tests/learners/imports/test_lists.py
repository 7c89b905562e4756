"""What is not a list, or too much of one, is refused before anything is kept."""

import io
import zipfile
from typing import Any

import pytest
from rest_framework.test import APIClient

from learners.imports import services
from learners.imports.models import Import
from lms.files import receiving
from tests.cast import Country, client_for, make_staff
from tests.learners.imports.lists import HEADER, IMPORTS, WOMEN, as_csv, as_xlsx, packed_again, send
from tests.outbox import work_off

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def client(country: Country) -> APIClient:
    return client_for(make_staff("centre_admin", country.larache_centre))


def refusal(answer: Any) -> tuple[int, str]:
    assert not Import.objects.exists()
    return answer.status_code, answer.json()["code"]


def many(count: int) -> list[tuple[str, ...]]:
    return [("فاطمة", "العمراني", f"06{number:08d}", "1990") for number in range(count)]


def bomb() -> bytes:
    """A sheet that unpacks to 600 MB."""
    workbook = as_xlsx(WOMEN)
    sheet = zipfile.ZipFile(io.BytesIO(workbook)).read(SHEET)
    return packed_again(
        workbook, {SHEET: sheet.replace(b"</sheetData>", b" " * 600_000_000 + b"</sheetData>")}
    )


def lying_bomb() -> bytes:
    """The same kind of sheet, under a directory that says it were small."""
    small = as_xlsx(WOMEN)
    with zipfile.ZipFile(io.BytesIO(small)) as package:
        sheet = package.read(SHEET)
    packed = bytearray(packed_again(small, {SHEET: sheet + b" " * 5_000_000}))
    real = (len(sheet) + 5_000_000).to_bytes(4, "little")
    return bytes(packed.replace(real, len(sheet).to_bytes(4, "little")))


def test_a_list_of_more_than_100_000_rows_is_refused_at_once(client: APIClient) -> None:
    assert refusal(send(client, as_csv(many(100_001)))) == (422, "too_many_rows")


def test_a_file_that_is_too_large_is_refused_without_being_kept(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "LARGEST", 10_000)
    assert refusal(send(client, as_csv(many(1_000)))) == (413, "too_large")
    monkeypatch.setattr(receiving, "LARGEST", 10_000_000)
    monkeypatch.setattr(services, "LARGEST", 10_000)
    assert refusal(send(client, as_csv(many(1_000)))) == (413, "too_large")


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"%PDF-1.7 \n1 0 obj", "list.csv", "type_mismatch"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "list.csv", "type_mismatch"),
        (b"<html><script>alert(1)</script></html>", "list.csv", "type_mismatch"),
        (as_csv(WOMEN), "list.xlsx", "type_mismatch"),
        (as_csv(WOMEN), "list.pdf", "type_mismatch"),
        (as_xlsx(WOMEN), "list.csv", "type_mismatch"),
        (as_xlsx(WOMEN), "list.xlsm", "type_mismatch"),
        (packed_again(as_xlsx(WOMEN), {"xl/vbaProject.bin": b"macro"}), "list.xlsx", "type_mismatch"),
        (packed_again(as_xlsx(WOMEN), {"xl/workbook.xml": b"<no"}), "list.xlsx", "file_broken"),
        (as_xlsx(WOMEN)[:-200], "list.xlsx", "file_broken"),
        (b"PK\x03\x04 and nothing else", "list.xlsx", "file_broken"),
        (as_csv(WOMEN) + b"\xd8", "list.csv", "file_broken"),
        (as_csv([["x"] * 61], header=["t"] * 61), "list.csv", "too_many_columns"),
        (as_csv([]), "list.csv", "list_empty"),
        (b"\n \n", "list.csv", "list_empty"),
        (lying_bomb(), "list.xlsx", "file_broken"),
    ],
)
def test_what_is_not_the_list_that_its_name_says_is_refused(
    client: APIClient, content: bytes, name: str, code: str
) -> None:
    assert refusal(send(client, content, name)) == (422, code)


def test_a_sheet_that_unpacks_to_hundreds_of_megabytes_is_refused(client: APIClient) -> None:
    assert refusal(send(client, bomb(), "list.xlsx")) == (422, "decoder_limit")


def test_a_single_cell_far_away_does_not_take_the_memory_of_all_between(client: APIClient) -> None:
    far = as_xlsx(WOMEN, also=lambda _book, sheet: sheet.write(1_048_575, 16_383, "x"))
    assert refusal(send(client, far, "list.xlsx")) == (422, "decoder_limit")


def test_no_file_at_all_is_asked_for(client: APIClient) -> None:
    assert refusal(client.post(IMPORTS, {"organisation": "larache-centre"}, format="multipart")) == (
        422,
        "invalid",
    )
    assert refusal(client.post(IMPORTS, {"organisation": "larache-centre"}, format="json")) == (
        422,
        "invalid",
    )
    assert refusal(send(client, b"")) == (422, "invalid")


def test_a_formula_in_a_workbook_is_refused_in_its_row_whatever_it_shows(client: APIClient) -> None:
    def formulas(_book: Any, sheet: Any) -> None:
        sheet.write_formula(1, 0, '=HYPERLINK("http://evil","x")', None, "فاطمة")
        sheet.write_formula(2, 5, "=1+1", None, 2)  # in a column that nobody reads

    answer = send(client, as_xlsx(WOMEN, also=formulas), "list.xlsx")
    work_off()
    job = client.get(f"{IMPORTS}/{answer.json()['id']}").json()
    assert (job["created"], job["refused"]) == (3, 1)
    assert "صيغة" in client.get(job["errors"]).content.decode()


def test_a_number_kept_as_text_by_a_formula_of_one_text_is_that_text(client: APIClient) -> None:
    rows = [("فاطمة", "العمراني", '="0612345678"', "1990")]
    answer = send(client, as_csv(rows))
    work_off()
    assert client.get(f"{IMPORTS}/{answer.json()['id']}").json()["created"] == 1


def test_only_the_first_sheet_that_can_be_seen_is_read(client: APIClient) -> None:
    def hidden_first(book: Any, sheet: Any) -> None:
        other = book.add_worksheet("الظاهرة")
        other.write_row(0, 0, HEADER)
        other.write_row(1, 0, WOMEN[1])
        other.activate()
        sheet.hide()

    answer = send(client, as_xlsx([WOMEN[0]], also=hidden_first), "list.xlsx")
    assert answer.json()["preview"]["rows"] == [list(WOMEN[1])]
