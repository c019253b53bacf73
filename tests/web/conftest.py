"""The web tests' fixtures are `tests/web_fixtures.py`'s, which module tests may use too."""
