"""An administrator sends a list with errors in a real browser: looks at its columns, tries it, brings it in."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from learners.cohorts.models import Cohort
from lms.accounts.models import Identity
from tests.browser.chromium import (
    DESKTOP,
    PHONE,
    STAFF_VIEW_AT_MOST,
    Watch,
    carry_session,
    needs_chromium,
    speak,
)
from tests.cast import Country, make_staff, publish_course
from tests.learners.imports.lists import WOMEN, as_csv
from tests.outbox import work_off

pytestmark = needs_chromium

WORDS = {
    "ar": {
        "send": "أرسلي لائحة",
        "continue": "تابعي",
        "try": "جربي أولا",
        "import": "استوردي اللائحة",
        "trial": "كانت هذه تجربة",
        "look": "انظري من جديد",
        "brought in": "تم استيراد اللائحة",
        "refused": "الأسطر المرفوضة",
        "why": "الهاتف",
        "agree": "وافقت كل واحدة",
    },
    "fr": {
        "send": "Envoyer une liste",
        "continue": "Continuer",
        "try": "Essayer d’abord",
        "import": "Importer la liste",
        "trial": "C’était un essai",
        "look": "Regarder à nouveau",
        "brought in": "La liste est importée",
        "refused": "Les lignes refusées",
        "why": "portable marocain",
        "agree": "Chacune a accepté",
    },
}


@pytest.mark.parametrize(
    ("language", "window", "scripts"),
    [("ar", PHONE, True), ("fr", DESKTOP, True), ("fr", PHONE, False)],
)
@pytest.mark.django_db(transaction=True)
def test_a_list_with_errors_is_sent_tried_brought_in_and_its_refused_rows_fetched(
    chromium: Browser,
    live_server: LiveServer,
    country: Country,
    tmp_path: Path,
    language: str,
    window: Any,
    scripts: bool,
) -> None:
    Cohort.objects.create(
        course=publish_course(country),
        organisation=country.larache_centre,
        title={"ar": "فوج نونبر", "fr": "Groupe de novembre"},
    )
    admin = make_staff("province_admin", country.larache)
    words, context = WORDS[language], chromium.new_context(viewport=window, java_script_enabled=scripts)
    carry_session(context, live_server, admin)
    speak(context, live_server, language)
    page = context.new_page()
    watch = Watch(page, at_most=STAFF_VIEW_AT_MOST)
    see = watch.inspect if scripts else lambda: None

    def press(word: str) -> None:
        page.locator("main").get_by_role("button", name=words[word]).click()

    page.goto(f"{live_server.url}/imports")
    see()
    page.locator("main").get_by_role("link", name=words["send"]).click()
    see()
    page.locator("select[name=organisation]").select_option("larache-centre")
    page.locator("main form").first.get_by_role("button").click()
    page.locator("select[name=cohort]").select_option(index=1)
    page.locator("input[type=file]").set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": b"%PDF-1.7"}
    )
    page.get_by_text(words["agree"]).click()
    press("continue")
    page.locator(".error").wait_for()
    watch.said = [
        line for line in watch.said if "422" not in line
    ]  # the browser says so of every refused form
    see()
    rows = [*WOMEN, ("سعاد", "الزياني", "0512345678", "1970"), ("سلمى", "العمراني", "0612345678", "1999")]
    page.locator("input[type=file]").set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": as_csv(rows)}
    )
    press("continue")
    see()
    press("try")
    see()
    work_off()
    if not scripts:
        page.get_by_role("link", name=words["look"]).click()
    page.get_by_text(words["trial"]).wait_for()
    see()
    assert not Identity.objects.exclude(row_index=None).exists()
    press("import")
    work_off()
    if not scripts:
        page.get_by_role("link", name=words["look"]).click()
    page.get_by_text(words["brought in"]).wait_for()
    see()
    assert Identity.objects.exclude(row_index=None).count() == 5
    with page.expect_download() as download:
        page.get_by_role("link", name=words["refused"]).click()
    download.value.save_as(tmp_path / "rows.csv")
    refused = (tmp_path / "rows.csv").read_text("utf-8-sig").splitlines()
    assert len(refused) == 2
    assert words["why"] in refused[1]
    page.goto(f"{live_server.url}/imports")
    see()
    watch.assert_nothing_left_us(live_server.url)
    context.close()
