from tests.journeys.running import running_system

__all__ = ["running_system"]
