from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from lms.api.pagination import KeysetPages
from lms.api.views import Endpoint, Request
from lms.errors import InvalidInput
from lms.organisations.models import Kind, Organisation
from lms.organisations.queries import ancestors_of, public_list
from lms.texts import in_words


class OrganisationQuerySerializer(serializers.Serializer[Any]):
    parent = serializers.CharField(  # type: ignore[assignment]  # a field's own attribute has this name
        required=False, max_length=40, help_text="the code of the node above"
    )
    kind = serializers.ChoiceField(required=False, choices=Kind.choices)


class OrganisationSerializer(serializers.Serializer[Any]):
    code = serializers.SlugField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    parent = serializers.SlugField(  # type: ignore[assignment]  # a field's own attribute has this name
        allow_null=True, help_text="the code of the node above"
    )


class OrganisationPageSerializer(serializers.Serializer[Any]):
    results = OrganisationSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class AncestorSerializer(serializers.Serializer[Any]):
    code = serializers.SlugField()
    name = serializers.CharField()


class OrganisationDetailSerializer(OrganisationSerializer):
    names = serializers.DictField(child=serializers.CharField(), help_text="by language")
    territory = serializers.CharField(help_text="the code of the region, province or commune it lies in")
    is_active = serializers.BooleanField()
    above = AncestorSerializer(many=True, help_text="from the root down")


LARACHE = {
    "code": "c-larache-01",
    "name": "مركز التربية والتكوين العرائش",
    "kind": "centre",
    "parent": "p-larache",
}
EXAMPLE_PAGE = OpenApiExample(
    "مراكز إقليم العرائش",
    response_only=True,
    value={"results": [LARACHE], "next": None, "previous": None},
)
EXAMPLE_NODE = OpenApiExample(
    "مركز",
    response_only=True,
    value={
        **LARACHE,
        "names": {"ar": LARACHE["name"], "fr": "Centre d'éducation et de formation Larache"},
        "territory": "571",
        "is_active": True,
        "above": [{"code": "p-larache", "name": "إقليم العرائش"}],
    },
)


def present_node(organisation: Organisation) -> dict[str, Any]:
    return {
        "code": organisation.code,
        "name": in_words(organisation.name),
        "kind": organisation.kind,
        "parent": organisation.parent.code if organisation.parent else None,
    }


class Organisations(Endpoint):
    ability = "organisation.list"
    refusals = (InvalidInput,)

    @extend_schema(
        summary="The tree, for whoever wants to register; never an address, never which centre is confidential",
        parameters=[OrganisationQuerySerializer],
        responses=OrganisationPageSerializer,
        examples=[EXAMPLE_PAGE],
    )
    def get(self, request: Request) -> Response:
        asked = OrganisationQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        pages = KeysetPages(("sort_name", "id"))
        rows = pages.of(public_list(**asked.validated_data), request)
        return Response(pages.answer([present_node(row) for row in rows]))


class OrganisationDetail(Endpoint):
    ability = "organisation.read"

    @extend_schema(
        summary="One node of her part of the tree",
        responses=OrganisationDetailSerializer,
        examples=[EXAMPLE_NODE],
    )
    def get(self, request: Request, code: str) -> Response:
        rows = Organisation.objects.visible_to(request.user).select_related("parent")
        node = get_object_or_404(rows, code=code)
        return Response(
            present_node(node)
            | {
                "names": node.name,
                "territory": node.territory,
                "is_active": node.is_active,
                "above": [{"code": up.code, "name": in_words(up.name)} for up in ancestors_of(node)],
            }
        )
