"""A list of learners comes in: whole, once, sealed, into the cohort; and each refused row says why."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from learners.cohorts.models import Cohort
from learners.enrolments.models import Enrolment
from learners.imports.models import Import
from lms.accounts.models import Identity, Person
from lms.accounts.queries import names_of, people_on_number
from lms.audit.models import ChangeEntry
from lms.events.models import StoredEvent
from lms.registrations.services import CONSENT_VERSION
from tests.cast import Country, client_for, make_person, make_staff, publish_course
from tests.learners.enrolments.joining import finish, needs_first
from tests.learners.imports.lists import IMPORTS, WOMEN, as_csv, as_xlsx, send
from tests.outbox import work_off


@pytest.fixture
def admin(country: Country) -> Person:
    return make_staff("centre_admin", country.larache_centre)


@pytest.fixture
def client(admin: Person) -> APIClient:
    return client_for(admin)


@pytest.fixture
def cohort(country: Country) -> Cohort:
    return Cohort.objects.create(
        course=publish_course(country, is_open=False),
        organisation=country.larache_centre,
        title={"ar": "فوج"},
    )


def import_of(client: APIClient, answer: Any) -> dict[str, Any]:
    """Let the job run, and ask what became of it."""
    assert answer.status_code == 202, answer.json()
    work_off()
    found: dict[str, Any] = client.get(f"{IMPORTS}/{answer.json()['id']}").json()
    return found


def refused_rows(client: APIClient, job: dict[str, Any]) -> list[list[str]]:
    answer = client.get(job["errors"], headers={"Accept-Language": "fr"})
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]


def learners() -> list[tuple[str, str]]:
    """Everyone who came by a list, by name and number."""
    identities = Identity.objects.exclude(row_index=None).select_related("person").order_by("person_id")
    return [(names_of(row.person).full, row.read("phone")) for row in identities]


EVERYONE = [
    ("فاطمة العمراني", "+212612345678"),
    ("خديجة بن يعيش", "+212623456789"),
    ("مريم الإدريسي", "+212634567890"),
    ("Aïcha N’Aït-Saïd", "+212645678901"),
]
IN_ARABIC_LETTERS = [row for row in WOMEN if row[0] != "Aïcha"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_list_comes_in_whatever_its_encoding_and_separator(
    client: APIClient, delimiter: str, encoding: str
) -> None:
    job = import_of(client, send(client, as_csv(WOMEN, delimiter=delimiter, encoding=encoding)))
    assert (job["state"], job["rows"], job["created"], job["refused"]) == ("done", 4, 4, 0)
    assert learners() == EVERYONE


def test_an_arabic_windows_list_comes_in(client: APIClient) -> None:
    import_of(client, send(client, as_csv(IN_ARABIC_LETTERS, encoding="cp1256", delimiter=";"), "قائمة.txt"))
    assert [name for name, _number in learners()] == [name for name, _number in EVERYONE[:3]]


def test_a_workbook_comes_in_and_gives_back_the_zero_that_its_numbers_lost(client: APIClient) -> None:
    rows = [("فاطمة", "العمراني", 612345678, 1990), ("خديجة", "بن يعيش", "06.23.45.67.89", 1985.0)]
    job = import_of(client, send(client, as_xlsx(rows), "list.xlsx"))
    assert job["created"] == 2
    assert learners() == EVERYONE[:2]


def test_what_came_in_is_sealed_found_by_number_and_name_and_has_no_password(
    client: APIClient, country: Country
) -> None:
    import_of(client, send(client, as_csv(WOMEN)))
    [fatima] = people_on_number("+212612345678")
    identity = fatima.identity
    assert "فاطمة" not in str(bytes(identity.names))
    assert identity.read("birth_year") == "1990"
    assert (fatima.has_usable_password(), fatima.pin) == (False, "")
    assert fatima.home_organisation == country.larache_centre
    assert len(identity.search_tokens) > 5


def test_the_same_list_again_changes_nothing(client: APIClient, cohort: Cohort) -> None:
    import_of(client, send(client, as_csv(WOMEN), cohort=str(cohort.uuid)))
    before = (list(Identity.objects.order_by("pk").values()), list(Enrolment.objects.order_by("pk").values()))
    again = import_of(client, send(client, as_xlsx(WOMEN), "other.xlsx", cohort=str(cohort.uuid)))
    assert (again["created"], again["known"], again["enrolled"], again["accepted"]) == (0, 4, 0, 4)
    assert before == (
        list(Identity.objects.order_by("pk").values()),
        list(Enrolment.objects.order_by("pk").values()),
    )


def test_a_list_that_is_on_its_way_is_not_taken_twice(client: APIClient) -> None:
    first, second = send(client, as_csv(WOMEN)), send(client, as_csv(WOMEN), "again.csv")
    assert first.json()["id"] == second.json()["id"]
    import_of(client, first)
    assert len(learners()) == 4


def test_the_same_idempotency_key_gets_the_same_answer_and_another_list_under_it_is_refused(
    client: APIClient,
) -> None:
    client.credentials(**client._credentials, HTTP_IDEMPOTENCY_KEY="one")
    first = send(client, as_csv(WOMEN))
    import_of(client, first)
    again = send(client, as_csv(WOMEN))
    assert again.json() == first.json()
    assert again["Idempotent-Replay"] == "true"
    assert send(client, as_csv(WOMEN[:2])).json()["code"] == "idempotency_key_reused"


def test_women_come_into_the_cohort_on_the_way(client: APIClient, cohort: Cohort) -> None:
    job = import_of(client, send(client, as_csv(WOMEN), organisation="", cohort=str(cohort.uuid)))
    assert (job["enrolled"], job["organisation"]["code"]) == (4, "larache-centre")
    enrolments = Enrolment.objects.filter(cohort=cohort, course=cohort.course, state="active")
    assert set(enrolments.values_list("organisation", "publication")) == {
        (cohort.organisation_id, cohort.course.newest_id)
    }
    [told] = StoredEvent.objects.filter(topic="enrolments_changed")
    assert told.payload["enrolment_ids"] == sorted(enrolments.values_list("pk", flat=True))


def test_who_registered_by_herself_is_known_by_number_and_name_and_joins_the_cohort(
    client: APIClient, country: Country, cohort: Cohort
) -> None:
    alice = make_person(
        home=country.larache_centre, first_name="فَاطِمة", family_name="العمراني", phone="0612345678"
    )
    job = import_of(client, send(client, as_csv(WOMEN), cohort=str(cohort.uuid)))
    assert (job["created"], job["known"], job["enrolled"], job["shared_numbers"]) == (3, 1, 4, 0)
    assert Enrolment.objects.get(learner=alice).cohort == cohort


def test_an_import_never_brings_back_who_left_the_course(client: APIClient, cohort: Cohort) -> None:
    import_of(client, send(client, as_csv(WOMEN), cohort=str(cohort.uuid)))
    Enrolment.objects.update(state="withdrawn")
    import_of(client, send(client, as_csv(WOMEN), cohort=str(cohort.uuid)))
    assert set(Enrolment.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_who_finds_no_seat_is_refused_and_comes_in_when_there_is_one(
    client: APIClient, cohort: Cohort
) -> None:
    Cohort.objects.update(seats=3)
    trial = import_of(client, send(client, as_csv(WOMEN), cohort=str(cohort.uuid), dry_run="true"))
    job = import_of(client, send(client, as_csv(WOMEN), cohort=str(cohort.uuid)))
    for each in (trial, job):
        assert (each["created"], each["enrolled"], each["refused"]) == (3, 3, 1)
    assert refused_rows(client, job)[0][:2] == ["5", "le groupe n’a plus de place"]
    assert len(learners()) == 3
    Cohort.objects.update(seats=4)
    later = import_of(client, send(client, as_csv(WOMEN), cohort=str(cohort.uuid)))
    assert (later["created"], later["known"], later["enrolled"], later["refused"]) == (1, 3, 1, 0)


def test_a_group_that_ended_takes_nobody_and_each_row_says_so(client: APIClient, cohort: Cohort) -> None:
    Cohort.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    trial = import_of(client, send(client, as_csv(WOMEN), cohort=str(cohort.uuid), dry_run="true"))
    job = import_of(client, send(client, as_csv(WOMEN), cohort=str(cohort.uuid)))
    for each in (trial, job):
        assert (each["created"], each["enrolled"], each["refused"]) == (0, 0, 4)
    assert len(refused_rows(client, job)) == 4
    assert learners() == []


def test_who_has_not_finished_what_comes_first_is_refused_and_loses_no_seat(
    country: Country, client: APIClient, cohort: Cohort
) -> None:
    first = publish_course(country, slug="first")
    needs_first(country, cohort.course, first)
    Cohort.objects.update(seats=1)
    ready = make_person(
        home=country.larache_centre, first_name="مريم", family_name="الإدريسي", phone="0634567890"
    )
    finish(ready, first)
    for dry_run in ("true", "false"):
        job = import_of(client, send(client, as_csv(WOMEN), cohort=str(cohort.uuid), dry_run=dry_run))
        assert (job["created"], job["known"], job["enrolled"], job["refused"]) == (0, 1, 1, 3)
    assert [row[0] for row in refused_rows(client, job)] == ["2", "3", "5"]
    assert Enrolment.objects.get(course=cohort.course).learner == ready


def test_a_dry_run_writes_nobody_and_says_what_the_real_one_will_do(
    client: APIClient, cohort: Cohort
) -> None:
    rows = [*WOMEN, ("", "ناقصة", "0611111111", "1990"), WOMEN[0]]
    trial = import_of(client, send(client, as_csv(rows), cohort=str(cohort.uuid), dry_run="true"))
    assert learners() == []
    assert not Enrolment.objects.exists()
    answer = client.post(f"{IMPORTS}/{trial['id']}/start", {"dry_run": False}, format="json")
    job = import_of(client, answer)
    counted = ("state", "rows", "created", "known", "enrolled", "refused", "accepted", "shared_numbers")
    assert {name: trial[name] for name in counted} == {name: job[name] for name in counted}
    assert (job["created"], job["refused"], job["id"]) == (4, 2, trial["id"])
    assert len(learners()) == 4
    assert client.post(f"{IMPORTS}/{job['id']}/start", {}, format="json").json()["code"] == "import_under_way"


def test_every_import_is_written_down_and_its_end_is_told(client: APIClient, admin: Person) -> None:
    job = import_of(client, send(client, as_csv(WOMEN), consent="true"))
    assert Import.objects.get().consent_version == CONSENT_VERSION
    changes = ChangeEntry.objects.filter(subject=f"import:{job['id']}").order_by("id")
    assert list(changes.values_list("verb", "actor")) == [
        ("import.sent", admin.pk),
        ("import.done", admin.pk),
    ]
    assert StoredEvent.objects.filter(topic="import_done").count() == 1
    assert not [change for change in changes if "فاطمة" in str(change.fields)]


# --- columns


def test_the_columns_of_a_held_list_are_shown_corrected_and_then_used(client: APIClient) -> None:
    header = ("Nom", "Deuxième", "GSM", "Observation")
    held = send(client, as_csv([("العمراني", "فاطمة", "0612345678", "x")], header=header), hold="true")
    shown = held.json()
    assert (shown["state"], shown["columns"]) == ("waiting", {"full_name": "Nom", "phone": "GSM"})
    assert shown["preview"] == {
        "header": list(header),
        "rows": [["العمراني", "فاطمة", "0612345678", "x"]],
    }
    columns = {"family_name": "Nom", "first_name": "Deuxième", "phone": "GSM"}
    import_of(client, client.post(f"{IMPORTS}/{shown['id']}/start", {"columns": columns}, format="json"))
    assert learners() == [EVERYONE[0]]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (("Nom et prénom", "Téléphone"), "full name in French"),
        (("الاسم الكامل", "رقم الهاتف"), "full name in Arabic"),
        (("full_name", "phone"), "full name in our words"),
        (("الاسم", "الهاتف"), "one name only"),
    ],
)
def test_a_name_in_one_cell_is_first_and_family_name(
    client: APIClient, header: tuple[str, str], name: str
) -> None:
    rows = [("فاطمة العمراني", "0612345678"), ("خديجة بن يعيش", "0623456789"), ("وحيدة", "0611111111")]
    job = import_of(client, send(client, as_csv(rows, header=header)))
    assert learners() == EVERYONE[:2]
    assert "nom de famille" in refused_rows(client, job)[0][1]


def test_a_list_without_names_is_refused_with_what_is_missing(client: APIClient) -> None:
    answer = send(client, as_csv([("0612345678", "x")], header=("phone", "notes")))
    assert (answer.status_code, answer.json()["code"]) == (422, "columns_missing")
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/columns/first_name",
        "/columns/family_name",
    ]
    chosen = send(client, as_csv(WOMEN), columns='{"first_name": "لا وجود له"}')
    assert chosen.json()["code"] == "column_unknown"
    assert send(client, as_csv(WOMEN), columns='["x"]').status_code == 422


# --- rows

WRONG: tuple[tuple[tuple[str, ...], str], ...] = (
    (("", "العمراني", "0612345678", "1990"), "Prénom : rien n’est écrit ici"),
    (("فاطمة2", "العمراني", "0612345678", "1990"), "Prénom : ce n’est pas un nom"),
    (("…", "العمراني", "0612345678", "1990"), "Prénom : ce n’est pas un nom"),
    (("ف" * 61, "العمراني", "0612345678", "1990"), "Prénom : ce n’est pas un nom"),
    (("<b>فاطمة</b>", "العمراني", "0612345678", "1990"), "Prénom : ce n’est pas un nom"),
    (("فاطمة", "العمراني", "0512345678", "1990"), "Numéro de portable : ce n’est pas un portable marocain"),
    (
        ("فاطمة", "العمراني", "0612345678", "90"),
        "Année ou date de naissance : écrivez son année de naissance",
    ),
    (
        ("فاطمة", "العمراني", "0612345678", "3000"),
        "Année ou date de naissance : écrivez son année de naissance",
    ),
    (("فاطمة", "العمراني", "0612345678", "2015"), "Année ou date de naissance : elle a moins de 18 ans"),
    (("=1+1", "العمراني", "0612345678", "1990"), "Prénom : une formule se trouve ici"),
    (("@SUM(A1)", "العمراني", "0612345678", "1990"), "Prénom : une formule se trouve ici"),
)


def test_each_wrong_row_says_in_her_language_what_is_wrong(client: APIClient) -> None:
    job = import_of(client, send(client, as_csv([row for row, _why in WRONG])))
    assert (job["accepted"], job["refused"], job["rows"]) == (0, len(WRONG), len(WRONG))
    said = refused_rows(client, job)
    assert [int(row[0]) for row in said] == list(range(2, len(WRONG) + 2))
    assert [
        (row[1], why) for row, (_cells, why) in zip(said, WRONG, strict=True) if not row[1].startswith(why)
    ] == []
    arabic = client.get(job["errors"], headers={"Accept-Language": "ar"}).content.decode("utf-8-sig")
    assert "ليس" in arabic


def test_a_row_says_everything_that_is_wrong_at_once(client: APIClient) -> None:
    job = import_of(client, send(client, as_csv([("", "", "12", "x")])))
    assert refused_rows(client, job)[0][1].count(" · ") == 3


def test_refused_rows_are_corrected_in_their_file_and_sent_again(client: APIClient) -> None:
    rows = [*WOMEN[:2], ("مريم", "الإدريسي", "+21263456", "1979"), ("سعاد", "-", "0655555555", "1970")]
    job = import_of(client, send(client, as_csv(rows)))
    text = client.get(job["errors"]).content.decode("utf-8-sig")
    assert "'+21263456" in text, "a spreadsheet must not compute it"
    assert "'-" in text
    corrected = text.replace("'+21263456", "'+212634567890").replace("'-", "الزياني")
    again = import_of(client, send(client, corrected.encode("utf-8-sig"), "rows.csv"))
    assert (again["created"], again["refused"]) == (2, 0)
    assert [name for name, _number in learners()][2:] == ["مريم الإدريسي", "سعاد الزياني"]


def test_the_same_woman_twice_in_a_list_comes_in_once(client: APIClient) -> None:
    twice = ("العمراني", "فاطمة", "+212 6 12 34 56 78", "")
    job = import_of(client, send(client, as_csv([WOMEN[0], twice, ("", "", "", ""), WOMEN[0]])))
    assert (job["rows"], job["created"], job["refused"]) == (3, 1, 2)
    assert [row[:2] for row in refused_rows(client, job)] == [
        ["3", "la même femme figure déjà plus haut dans la liste"],
        ["5", "la même femme figure déjà plus haut dans la liste"],
    ]


def test_women_without_a_phone_come_in_and_are_told_apart_by_name_and_year(client: APIClient) -> None:
    rows = [
        ("فاطمة", "العمراني", "", "1990"),
        ("فاطمة", "العمراني", "", "1955"),
        ("فاطمة", "العمراني", "", "1990"),
    ]
    for created in (2, 0):
        job = import_of(client, send(client, as_csv(rows)))
        assert (job["created"], job["refused"]) == (created, 1)
    assert learners() == [("فاطمة العمراني", "")] * 2


def test_mother_and_daughter_on_one_number_both_come_in_and_the_first_still_signs_in(
    client: APIClient,
) -> None:
    rows = [("فاطمة", "العمراني", "0612345678", "1960"), ("سلمى", "العمراني", "0612345678", "1995")]
    trial = import_of(client, send(client, as_csv(rows), dry_run="true"))
    job = import_of(client, send(client, as_csv(rows)))
    assert (trial["shared_numbers"], job["shared_numbers"], job["created"]) == (1, 1, 2)
    [mother] = people_on_number("+212612345678")
    assert names_of(mother).first == "فاطمة"
    assert learners()[1] == ("سلمى العمراني", "+212612345678"), "her number is kept, to call her"


def test_languages_are_read_as_people_write_them(client: APIClient) -> None:
    rows = [("فاطمة", "العمراني", "fr"), ("خديجة", "العمراني", "العربية"), ("مريم", "العمراني", "Français")]
    rows += [("سعاد", "العمراني", ""), ("هند", "العمراني", "klingon")]
    job = import_of(client, send(client, as_csv(rows, header=("first_name", "last_name", "Langue"))))
    languages = Person.objects.exclude(identity__row_index=None).order_by("pk")
    assert list(languages.values_list("language", flat=True)) == ["fr", "ar", "fr", "ar"]
    assert job["refused"] == 1


def test_dates_of_birth_give_their_year(client: APIClient) -> None:
    rows = [
        ("أ" * 3, "العمراني", "12/05/1990"),
        ("ب" * 3, "العمراني", "1991-05-12"),
        ("ت" * 3, "العمراني", "٠١-٠١-١٩٩٢"),
    ]
    import_of(client, send(client, as_csv(rows, header=("first_name", "family_name", "تاريخ الازدياد"))))
    born = Identity.objects.exclude(row_index=None).select_related("person").order_by("pk")
    assert [row.read("birth_year") for row in born] == ["1990", "1991", "1992"]
