"""`make chaos`: servers of its own, phones in use, one fault after the other, and the account of what became of it."""

import os
import sys

import django
from django.core.management import call_command

from tests.chaos.plan import Plan
from tests.servers import own_servers


def main() -> int:
    plan = Plan.of()
    say(f"chaos for {plan.seconds:.0f} s with {plan.phones} phones; again with CHAOS_SEED={plan.seed}")
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    with own_servers("chaos") as servers:
        django.setup()
        call_command("migrate", verbosity=0)
        # Its models can be read only now: settings say where the servers are.
        from tests.chaos.storm import rage

        return 0 if rage(plan, servers, say=say) else 1


def say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
