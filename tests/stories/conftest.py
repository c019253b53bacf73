"""Houses and pages, as the stories in a browser use them."""

from tests.browser.conftest import make_house, visit

__all__ = ["make_house", "visit"]
