"""Forms whose answers go to a service: it refuses them, or it has written them down."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.http import HttpRequest

from lms.errors import Refusal

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm


class ServiceForm(ModelForm):
    """`write` calls the service and returns what it wrote. A refusal stands beside the field that it names."""

    request: ClassVar[HttpRequest]  # set by StaffModelAdmin.get_form

    def write(self, answers: dict[str, Any]) -> Any:
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        if not self.errors:
            try:
                self.instance = self.write(answers)
            except Refusal as refusal:
                self._refuse(refusal)
        return answers

    def _refuse(self, refusal: Refusal) -> None:
        for error in refusal.errors or [{"pointer": "", "detail": refusal.detail}]:
            name = str(error["pointer"]).strip("/").partition("/")[0]
            self.add_error(name if name in self.fields else None, str(error["detail"]))

    def _post_clean(self) -> None:
        """The service has judged and written: nothing is put into the row beside it."""

    def save(self, commit: bool = True) -> Any:
        return self.instance

    def save_m2m(self) -> None: ...
