import sys

from tests.journeys.journey import main

sys.exit(main())
