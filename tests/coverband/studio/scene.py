"""A band with a song, other music, a model and covers, as the API makes them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from coverband.studio.home import Home
from tests.coverband.studio.client import Client

RATE = 8000


def song(seconds: float = 0.5, frequency: float = 440.0, container: str = "WAV") -> bytes:
    file, time = io.BytesIO(), np.arange(round(seconds * RATE)) / RATE
    soundfile.write(file, 0.3 * np.sin(2 * np.pi * frequency * time), RATE, format=container)
    return file.getvalue()


BAND = "/api/bands/The%20Band"


def add_songs(client: Client) -> None:
    assert client.put(f"{BAND}/songs/a.wav", song()).status == 201
    assert client.put("/api/generic/songs/b.wav", song(frequency=300)).status == 201


def add_run(home: Home, name: str = "first", closeness: bool = True) -> Path:
    run = home.band("The Band").run(name)
    (run / "translator").mkdir(parents=True)
    (run / "translator/card.json").write_text(json.dumps({"steps": 7, "closeness": closeness}))
    return run


def covered(client: Client, title: str) -> dict[str, Any]:
    return next(each for each in client.get(f"{BAND}/covers").json["songs"] if each["title"] == title)
