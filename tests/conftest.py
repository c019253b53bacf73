"""What all tests share."""

pytest_plugins = ["tests.services", "tests.fixtures", "tests.web_fixtures"]
