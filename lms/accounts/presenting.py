"""How a person reads about herself; the same in `/me` and in the answer to a sign-in."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from lms.access.policy import ROLES
from lms.accommodations import KNOWN, accommodations_of
from lms.accounts.models import Person
from lms.accounts.queries import herself, names_of, places_of
from lms.languages import LANGUAGES
from lms.texts import in_words

if TYPE_CHECKING:
    from lms.organisations.models import Organisation

EXAMPLE_PERSON: Mapping[str, Any] = {
    "id": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a10",
    "pseudonym": "4T7K-9QXB",
    "first_name": "فاطمة",
    "family_name": "العمراني",
    "printed_name": "",
    "latin_name": "Fatima El Amrani",
    "language": "ar",
    "discreet": False,
    "accommodations": [],
    "home_organisation": {"code": "c-larache-01", "name": "مركز التربية والتكوين العرائش"},
    "roles": [],
    "has_pin": False,
}


class OrganisationNameSerializer(serializers.Serializer[Any]):
    code = serializers.SlugField()
    name = serializers.CharField()


class RoleSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=ROLES)
    organisation = OrganisationNameSerializer()


class MeSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    pseudonym = serializers.CharField(help_text="the name under which staff above her centre see her")
    first_name = serializers.CharField()
    family_name = serializers.CharField()
    printed_name = serializers.CharField(help_text="as on certificates; empty: first and family name")
    latin_name = serializers.CharField(help_text="the same in Latin letters; empty: she gave none")
    language = serializers.ChoiceField(choices=LANGUAGES)
    discreet = serializers.BooleanField(help_text="messages and pages that give nothing away")
    accommodations = serializers.ListField(
        child=serializers.ChoiceField(choices=sorted(KNOWN)),
        help_text="what makes learning easier for her; nobody else reads it",
    )
    home_organisation = OrganisationNameSerializer(allow_null=True)
    roles = RoleSerializer(many=True)
    has_pin = serializers.BooleanField()


def present_organisation(organisation: "Organisation | None") -> dict[str, str] | None:
    return {"code": organisation.code, "name": in_words(organisation.name)} if organisation else None


def present_me(person: Person, *, at: datetime) -> dict[str, Any]:
    """Two statements: she with her identity and home, and the roles she holds today."""
    she = herself(person)
    names = names_of(she)
    return {
        "id": she.uuid,
        "pseudonym": she.pseudonym,
        "first_name": names.first,
        "family_name": names.family,
        "printed_name": names.printed,
        "latin_name": names.latin,
        "language": she.language,
        "discreet": she.discreet,
        "accommodations": sorted(accommodations_of(she)),
        "home_organisation": present_organisation(she.home_organisation),
        "roles": [
            {"role": place.role, "organisation": present_organisation(place.organisation)}
            for place in places_of(she, at=at)
        ],
        "has_pin": bool(she.pin),
    }
