from pathlib import Path

import pytest

from coverband.studio.home import Home
from tests.coverband.studio.client import Client, studio


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def client(home: Home) -> Client:
    made = Client(studio(home.path))
    assert made.post("/api/bands", {"name": "The Band"}).status == 201
    return made
