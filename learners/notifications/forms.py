from collections.abc import Mapping
from datetime import time
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from learners.notifications.models import Channel, NotificationKind
from learners.notifications.quiet import Quiet

KINDS: Final[Mapping[NotificationKind, Any]] = {
    NotificationKind.REGISTRATION_CONFIRMED: _("When my centre has confirmed me"),
    NotificationKind.ENROLLED: _("When I have a place on a course"),
    NotificationKind.NUDGE: _("When I have not learned for a week"),
    NotificationKind.ALMOST_THERE: _("When little is left of a course"),
    NotificationKind.COURSE_COMPLETED: _("When I have finished a course"),
    NotificationKind.CERTIFICATE_READY: _("When my certificate is ready"),
    NotificationKind.CERTIFICATE_REVOKED: _("When a certificate is no longer valid"),
    NotificationKind.NEW_DEVICE: _("When someone signs in to my account elsewhere"),
    NotificationKind.IMPORT_DONE: _("When a list of learners is worked off"),
    NotificationKind.HELP_ANSWERED: _("When someone answers my question"),
    NotificationKind.SUPPORT_ASKED: _("When a woman of my centre wants support with a project"),
    NotificationKind.HELP_ASKED: _("When a woman of my centre waits for help"),
    NotificationKind.DRAFT_DECIDED: _("When someone decided on a draft of mine"),
}
OF_STAFF: Final = frozenset(
    {
        NotificationKind.IMPORT_DONE,
        NotificationKind.SUPPORT_ASKED,
        NotificationKind.HELP_ASKED,
        NotificationKind.DRAFT_DECIDED,
    }
)
WAYS: Final = (
    (Channel.IN_APP.value, _("Here, under “My messages”")),
    (Channel.EMAIL.value, _("E-mail")),
    (Channel.SMS.value, _("SMS")),
)


def _hour(label: Any) -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "dir": "ltr"})
    return forms.TimeField(label=label, input_formats=["%H:%M", "%H:%M:%S"], widget=widget)


class ChoicesForm(forms.Form):
    """By which ways she is told of each kind, and when no e-mail or SMS may come."""

    starts = _hour(_("No e-mail and no SMS from"))
    ends = _hour(_("until"))
    help = forms.BooleanField(
        label=_("“I am stuck” and “Call me” on my lessons"),
        help_text=_("In discreet mode they are off until you wish them."),
        required=False,
    )

    def __init__(self, *args: Any, staff: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, label in KINDS.items():
            if staff or kind not in OF_STAFF:
                self.fields[kind.value] = forms.MultipleChoiceField(
                    label=label, choices=WAYS, required=False, widget=forms.CheckboxSelectMultiple
                )
        if staff:
            del self.fields["help"]
        self.order_fields([*(kind.value for kind in KINDS), "starts", "ends"])

    @staticmethod
    def shown(
        preferences: Mapping[NotificationKind, set[Channel]], quiet: Quiet, *, wants_help: bool
    ) -> dict[str, Any]:
        """What she chose, as the form's first values."""
        ways = {kind.value: [channel.value for channel in chosen] for kind, chosen in preferences.items()}
        return {**ways, "starts": quiet.starts, "ends": quiet.ends, "help": wants_help}

    @property
    def quiet(self) -> Quiet:
        starts, ends = (_to_the_minute(self.cleaned_data[name]) for name in ("starts", "ends"))
        return Quiet(starts, ends)

    def changed_from(
        self, preferences: Mapping[NotificationKind, set[Channel]]
    ) -> dict[NotificationKind, dict[Channel, bool]]:
        """What she changed: what she left as it was stays open to other defaults."""
        wishes = {
            kind: {
                channel: channel.value in self.cleaned_data[kind.value]
                for channel in Channel
                if (channel.value in self.cleaned_data[kind.value]) != (channel in chosen)
            }
            for kind, chosen in preferences.items()
            if kind.value in self.fields
        }
        return {kind: changed for kind, changed in wishes.items() if changed}


def _to_the_minute(moment: time) -> time:
    return moment.replace(second=0, microsecond=0)
