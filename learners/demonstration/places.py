"""The national tree of the demonstration: real regions and provinces, invented centres (geography/README.md)."""

import csv
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils import timezone

from lms.organisations.models import CentreType, Kind, Organisation, PartnerAgreement
from lms.organisations.services import lock_tree, path_below, sort_name

GEOGRAPHY: Final = Path(__file__).parent / "geography"
VOWELS: Final = "AEIOUYÉÈÂ"

ROOT: Final = "ma"
INSTITUTE: Final = "inas"
PARTNER: Final = "association-nord"
NORTH: Final = "r01"
LARACHE: Final = "p01-331"
TETOUAN: Final = "p01-571"
HER_CENTRE: Final = "c-larache-02"
LISTENING_CENTRE: Final = "c-larache-10"
LENT_CENTRE: Final = "c-tetouan-06"

CENTRE_TYPES: Final = (
    # code, Arabic, French, confidential, minors, accessibility
    ("education_training", "مركز التربية والتكوين", "Centre d'éducation et de formation", False, False, True),
    (
        "women_space",
        "فضاء متعدد الوظائف للنساء",
        "Espace multifonctionnel pour les femmes",
        False,
        False,
        True,
    ),
    (
        "listening",
        "مركز الاستماع والتوجيه القانوني",
        "Centre d'écoute et d'orientation juridique",
        True,
        False,
        True,
    ),
    ("student_house", "دار الطالبة", "Dar Taliba", False, True, False),
    ("social_assistance", "مركز المساعدة الاجتماعية", "Centre d'assistance sociale", False, False, True),
)

# The partner is older than the agency: where a report folds, it is the oldest that keeps the folded company, and
# that should not be the whole agency (learners/reports/folding.py).
NATIONAL: Final = (
    # code, kind, Arabic, French, parent
    (ROOT, Kind.MINISTRY, "القطب الاجتماعي (نموذج)", "Pôle social (spécimen)", None),
    (
        PARTNER,
        Kind.ASSOCIATION,
        "جمعية نساء الشمال للتنمية (نموذج)",
        "Association Femmes du Nord (spécimen)",
        ROOT,
    ),
    ("en", Kind.AGENCY, "التعاون الوطني", "Entraide Nationale", ROOT),
    ("ads", Kind.AGENCY, "وكالة التنمية الاجتماعية", "Agence de Développement Social", ROOT),
    (
        INSTITUTE,
        Kind.INSTITUTE,
        "المعهد الوطني للعمل الاجتماعي بطنجة",
        "Institut National de l'Action Sociale, Tanger",
        ROOT,
    ),
)
PARTNER_LEARNERS: Final = 9


def read(name: str) -> list[dict[str, str]]:
    """The rows of one file of geography/."""
    with (GEOGRAPHY / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def province_code(territory: str) -> str:
    """`01.331` → `p01-331`."""
    return f"p{territory.replace('.', '-')}"


def of_place(name: str) -> str:
    """The French genitive: `de Larache`, `d'Azilal`, `de l'Oriental`."""
    if name == "Oriental":
        return "de l'Oriental"
    return f"d'{name}" if name[0] in VOWELS else f"de {name}"


@transaction.atomic
def build_tree(*, at: datetime) -> bool:
    """Write the centre types, the tree and the partner's agreement, level by level. Says whether it was missing."""
    lock_tree()
    if Organisation.objects.filter(code=ROOT).exists():
        return False
    types = {row.code: row for row in CentreType.objects.bulk_create(_centre_types())}
    known: dict[str, Organisation] = {}
    for code, kind, ar, fr, parent in NATIONAL:
        known[code] = _node(code, kind, ar, fr, known.get(parent or ""))
        known[code].save()
    for level in (_regions, _provinces, partial(_centres, types)):
        nodes = Organisation.objects.bulk_create(level(known))
        known |= {node.code: node for node in nodes}
    PartnerAgreement.objects.create(
        partner=known[PARTNER],
        centre=known[LENT_CENTRE],
        from_date=timezone.localdate(at - timedelta(days=90)),
    )
    return True


def _centre_types() -> list[CentreType]:
    return [
        CentreType(
            code=code,
            name={"ar": ar, "fr": fr},
            confidential=confidential,
            minors=minors,
            accessibility=accessibility,
        )
        for code, ar, fr, confidential, minors, accessibility in CENTRE_TYPES
    ]


def _node(
    code: str,
    kind: str,
    ar: str,
    fr: str,
    parent: Organisation | None,
    *,
    territory: str = "",
    centre_type: CentreType | None = None,
) -> Organisation:
    name = {"ar": ar, "fr": fr}
    return Organisation(
        code=code,
        kind=kind,
        name=name,
        sort_name=sort_name(name),
        parent=parent,
        path=path_below(parent, code),
        territory=territory,
        centre_type=centre_type,
    )


def _regions(known: Mapping[str, Organisation]) -> list[Organisation]:
    return [
        _node(
            f"r{row['territory']}",
            Kind.REGION,
            f"المنسقية الجهوية لجهة {row['name_ar']}",
            f"Coordination régionale {of_place(row['name_fr'])}",
            known["en"],
            territory=row["territory"],
        )
        for row in read("regions")
    ]


OFFICES: Final = {
    "province": ("المندوبية الإقليمية ب{}", "Délégation provinciale {}"),
    "prefecture": ("مندوبية العمالة ب{}", "Délégation préfectorale {}"),
}


def _provinces(known: Mapping[str, Organisation]) -> list[Organisation]:
    return [
        _node(
            province_code(row["territory"]),
            Kind.PROVINCE,
            OFFICES[row["type"]][0].format(row["name_ar"]),
            OFFICES[row["type"]][1].format(of_place(row["name_fr"])),
            known[f"r{row['territory'][:2]}"],
            territory=row["territory"],
        )
        for row in read("provinces")
    ]


def _centres(types: Mapping[str, CentreType], known: Mapping[str, Organisation]) -> list[Organisation]:
    return [
        _node(
            row["code"],
            Kind.CENTRE,
            row["name_ar"],
            row["name_fr"],
            known[province_code(row["province"])],
            territory=row["territory"],
            centre_type=types[row["centre_type"]],
        )
        for row in read("centres")
    ]


def sizes() -> dict[str, int]:
    """How many learners each place has."""
    return {PARTNER: PARTNER_LEARNERS} | {row["code"]: int(row["learners"]) for row in read("centres")}
