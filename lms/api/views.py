"""The base of every API view."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import get_language
from rest_framework.request import Request as RestRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from lms.errors import Refusal

if TYPE_CHECKING:
    from lms.accounts.models import Person
    from lms.sign_in.models import Session

    class Request(RestRequest):
        """A request as our views see it: `user` is a person (or Nobody, where anyone may come)."""

        user: Person
        sign_in: Session | None

else:
    Request = RestRequest


class Endpoint(APIView):
    """A view that names its `ability` (one, or one per method) and the `refusals` it can give."""

    ability: ClassVar[str | dict[str, str] | None] = None
    refusals: ClassVar[tuple[type[Refusal], ...] | dict[str, tuple[type[Refusal], ...]]] = ()

    def finalize_response(
        self, request: RestRequest, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Content-Language", get_language() or "ar")
        return response
