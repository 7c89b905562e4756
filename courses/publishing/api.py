from typing import Any

from rest_framework import serializers

from courses.publishing.models import Publication


class PublicationRequestSerializer(serializers.Serializer[Any]):
    notes = serializers.CharField(max_length=2_000, allow_blank=True, default="")


class PublicationSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    content_hash = serializers.CharField(help_text="SHA-256 over everything a learner can meet")
    languages = serializers.ListField(child=serializers.CharField())
    modules = serializers.IntegerField()
    lessons = serializers.IntegerField()
    notes = serializers.CharField(allow_blank=True)
    published_at = serializers.DateTimeField()


class PublicationPageSerializer(serializers.Serializer[Any]):
    results = PublicationSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


def present_publication(publication: Publication) -> dict[str, Any]:
    return {
        "number": publication.number,
        "content_hash": publication.content_hash,
        "languages": publication.languages,
        "modules": publication.module_count,
        "lessons": publication.lesson_count,
        "notes": publication.notes,
        "published_at": publication.published_at,
    }
