"""The people behind a number: pseudonyms above the centre, names inside it, and a record of who looked."""

from typing import Any

import pytest

from courses.catalogue.models import Course
from learners.enrolments.models import Enrolment
from lms.accounts.models import Person
from lms.audit.models import AccessEntry
from tests.cast import Country, client_for, make_person, make_staff
from tests.learners.reports.crowd import count, crowd, finish
from tests.statements import statements

PATH = "/api/v1/reports/completion/learners"


def ask(person: Person, **question: Any) -> Any:
    return client_for(person).get(PATH, question)


def rows(person: Person, **question: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(person, **question).json()["results"]
    return found


@pytest.fixture
def bouchra(country: Country) -> Person:
    """Facilitator of Larache's centre."""
    return make_staff("facilitator", country.larache_centre)


@pytest.fixture
def larache(country: Country) -> Person:
    return make_staff("province_admin", country.larache)


def named(country: Country, course: Course, *names: str) -> list[Enrolment]:
    made = [
        Enrolment.objects.create(
            learner=make_person(home=country.larache_centre, first_name=name),
            course=course,
            publication_id=course.newest_id,
            organisation=country.larache_centre,
        )
        for name in names
    ]
    count(made)
    return made


def test_inside_her_centre_staff_see_names_and_each_page_is_recorded(
    country: Country, course: Course, bouchra: Person
) -> None:
    made = named(country, course, "زينب", "خديجة")
    assert [row["name"] for row in rows(bouchra)] == ["خديجة الاختبارية", "زينب الاختبارية"]
    entry = AccessEntry.objects.get()
    assert (entry.viewer, entry.surface, entry.fields) == (bouchra, "report.people", ["name"])
    assert entry.people == sorted(row.learner_id for row in made)
    for _ in range(2):
        rows(bouchra, page_size=1)
    assert AccessEntry.objects.count() == 3


def test_above_the_centre_everyone_has_a_pseudonym_and_nobody_a_name(
    country: Country, course: Course, larache: Person
) -> None:
    made = named(country, course, *["زينب"] * 6)
    answer = ask(larache)
    assert "زينب" not in answer.content.decode()
    assert {row["pseudonym"] for row in answer.json()["results"]} == {row.learner.pseudonym for row in made}
    assert all("name" not in row for row in answer.json()["results"])
    assert not AccessEntry.objects.exists()


def test_a_province_has_no_names_even_of_women_who_belong_to_no_centre_of_it(
    country: Country, course: Course, larache: Person
) -> None:
    crowd(country.larache, course, 6)
    assert all("name" not in row and row["organisation"] is None for row in rows(larache))
    assert len(rows(larache)) == 6


def test_the_states_are_those_of_the_report(country: Country, course: Course, bouchra: Person) -> None:
    crowd(country.larache_centre, course, 1, percent=30)
    crowd(country.larache_centre, course, 2, days=15)
    done = crowd(country.larache_centre, course, 4)
    crowd(country.larache_centre, course, 1, state="withdrawn")
    for she in done[:3]:
        finish(she)
    finish(done[3], certificate="revoked")
    count(done)
    found = {state: rows(bouchra, state=state) for state in ("active", "silent", "completed", "certified")}
    assert {state: len(some) for state, some in found.items()} == {
        "active": 1,
        "silent": 2,
        "completed": 4,
        "certified": 3,
    }
    assert {row["state"] for row in found["certified"]} == {"completed"}
    assert [row["state"] for row in found["silent"]] == ["silent", "silent"]
    assert len(rows(bouchra)) == 7


def test_a_row_says_how_far_she_is(country: Country, course: Course) -> None:
    made = crowd(country.tetouan_centre, course, 5, percent=40)
    finish(made[0])
    count(made)
    [done] = rows(make_staff("province_admin", country.tetouan), state="completed")
    assert done["person"] == str(made[0].learner.uuid)
    assert done["organisation"] == "tetouan-centre"
    assert (done["percent"], done["state"]) == (100, "completed")
    assert done["completed_at"] is not None


def test_pages_follow_each_other_without_gap_or_repeat(
    country: Country, course: Course, larache: Person
) -> None:
    made = crowd(country.larache_centre, course, 7)
    client, path, seen = client_for(larache), f"{PATH}?page_size=3", []
    while path:
        page = client.get(path).json()
        seen += [row["person"] for row in page["results"]]
        path = page["next"]
    assert seen == [str(row.learner.uuid) for row in reversed(made)]


def test_folded_centres_have_no_code_and_cannot_be_asked_for(
    country: Country, course: Course, larache: Person
) -> None:
    crowd(country.larache_centre, course, 6)
    crowd(country.ksar_centre, course, 6)
    crowd(country.shelter, course, 5)
    codes = [row["organisation"] for row in rows(larache)]
    assert codes == [None] * 5 + ["ksar-centre"] * 6 + [None] * 6
    refused = [ask(larache, organisation=code) for code in ("shelter", "larache-centre", "tetouan", "none")]
    assert {answer.status_code for answer in refused} == {404}
    assert len(rows(larache, organisation="ksar-centre")) == 6


def test_staff_of_a_confidential_centre_see_their_own(country: Country, course: Course) -> None:
    crowd(country.larache_centre, course, 6)
    [she] = crowd(country.shelter, course, 1)
    staff = make_staff("centre_admin", country.shelter)
    assert [row["person"] for row in rows(staff)] == [str(she.learner.uuid)]
    assert rows(staff)[0]["organisation"] == "shelter"


def test_a_course_filter_leaves_the_others_out(
    country: Country, course: Course, other_course: Course, larache: Person
) -> None:
    crowd(country.larache_centre, course, 6)
    crowd(country.larache_centre, other_course, 5)
    assert len(rows(larache, course=other_course.slug)) == 5
    assert ask(larache, course="none").status_code == 404


def test_the_rows_are_as_many_as_the_report_counts(country: Country, course: Course) -> None:
    crowd(None, course, 6)
    crowd(country.larache_centre, course, 6)
    crowd(country.institute, course, 2)
    minister = make_staff("ministry_admin", country.ministry)
    funnel = client_for(minister).get("/api/v1/reports/completion").json()["funnel"]
    assert len(rows(minister)) == funnel["enrolled"] == 14


def test_an_auditor_reads_counts_and_no_people(country: Country) -> None:
    assert ask(make_staff("auditor", country.ministry)).status_code == 403


def test_the_statements_do_not_grow_with_the_page(country: Country, course: Course, bouchra: Person) -> None:
    named(country, course, *["زينب"] * 12)
    staff, above = client_for(bouchra), client_for(make_staff("province_admin", country.larache))
    for client in (staff, above):
        client.get(PATH)  # the tree is put together once
    for size in (2, 12):
        with statements(3):  # her session; whether the tree has changed; the page
            above.get(PATH, {"page_size": size})
        with statements(4):  # and the record of the look
            staff.get(PATH, {"page_size": size})
