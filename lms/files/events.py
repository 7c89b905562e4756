from dataclasses import dataclass

from lms.events.facts import Event


@dataclass(frozen=True, kw_only=True)
class UploadReceived(Event):
    """All parts are in quarantine: the content can be checked."""

    upload_id: int


@dataclass(frozen=True, kw_only=True)
class RenditionsAsked(Event):
    """A film or sound of a course is to be had in fewer bytes."""

    file_id: int


@dataclass(frozen=True, kw_only=True)
class RenditionSettled(Event):
    """A rendition of a file is ready, or it is certain that there will be none."""

    file_id: int
