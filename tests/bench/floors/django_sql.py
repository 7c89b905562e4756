"""Django with SQL by hand: its routes, languages and connections, DRF's view and authentication; one statement."""

import orjson
from django.db import connection
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import get_language
from rest_framework.request import Request
from rest_framework.views import APIView

from tests.bench.floors.answers import ANSWERS


class Workload(APIView):
    def get(self, request: Request, workload: str) -> HttpResponse:
        return self._answer(request, workload, request.query_params)

    def post(self, request: Request, workload: str) -> HttpResponse:
        return self._answer(request, workload, orjson.loads(request.body))

    def _answer(self, request: Request, workload: str, sent: dict) -> HttpResponse:
        answer = ANSWERS[workload]
        asked = {"learner": request.user.id, "lang": (get_language() or "fr")[:2]}
        with connection.cursor() as cursor:
            cursor.execute(answer.sql, asked | answer.bind(sent))
            rows = cursor.fetchall()
        return HttpResponse(orjson.dumps(answer.present(rows)), content_type="application/json")


urlpatterns = [path("<slug:workload>", Workload.as_view())]
