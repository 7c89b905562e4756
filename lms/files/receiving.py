"""Files that come with a form: as many bytes as we take, the rest is read away so that our answer arrives."""

from contextlib import suppress
from typing import Final

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest

LARGEST: Final = 50 * 1024 * 1024


class Bounded(FileUploadHandler):
    """The first handler: files above `LARGEST` bytes in one request do not arrive; `is_too_large` says so then."""

    received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > LARGEST:
            self.request.file_too_large = True  # type: ignore[union-attr]  # read by `is_too_large` alone
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """The handlers after this one keep it."""
        return None


class Spooled(TemporaryFileUploadHandler):
    """The last handler: a file that finds no room is removed at once, not when its memory is tidied up."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError:
            with suppress(OSError):  # closing writes what is left, and removes it in any case
                self.file.close()
            raise


def is_too_large(request: HttpRequest) -> bool:
    """Whether a file of this form was left out for its size."""
    return getattr(request, "file_too_large", False)
