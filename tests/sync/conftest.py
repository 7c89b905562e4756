from tests.learners.conftest import learning
from tests.learners.offline.conftest import classroom

__all__ = ["classroom", "learning"]
