"""The way to help, where a lesson is."""

from typing import Any

from django import template
from django.urls import reverse

from learners.help.queries import wants_help

register = template.Library()


@register.simple_tag(takes_context=True)
def help_place(context: dict[str, Any], slug: str, lesson: object) -> str:
    """Where she asks for help on a lesson; empty where she wants no such way. A statement in discreet mode alone."""
    she = context["request"].user
    if she.discreet and not wants_help(she):
        return ""
    return f"{reverse('ask-for-help', args=[slug])}?lesson={lesson}"
