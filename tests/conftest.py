"""What all tests share."""

pytest_plugins = ["tests.fixtures", "tests.web_fixtures"]
