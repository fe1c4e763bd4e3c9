"""The API does as its description says, whatever is sent: schemathesis makes the requests."""

from __future__ import annotations

import io
import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schemathesis
import soundfile
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from coverband.studio import side_process
from coverband.studio.app import build
from coverband.studio.home import Home
from tests.coverband.studio.client import studio

load_all_checks()
KNOWN = {
    "band": "The Band",
    "run": "first",
    "title": "song",
    "name": "a.wav",
    "file": "first.wav",
    "kind": "cover",
    "role": "vocals",
    "id": "00000001",
}
"""Names of what is there, by the parameters and properties that take them."""


def song() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(800), 8000, format="WAV")
    return file.getvalue()


def furnish(home: Home) -> None:
    """Fills an empty folder, so that not everything that is asked for is missing."""
    home.tasks.mkdir(parents=True)
    band = home.create("The Band")
    translator, covers = band.run("first") / "translator", band.path / "covers/song"
    for folder in (home.generic.songs, translator, covers):
        folder.mkdir(parents=True)
    (translator / "card.json").write_text('{"steps": 3, "closeness": true}')
    for path in (home.generic.songs / "a.wav", band.songs.songs / "a.wav", covers / "source.wav"):
        path.write_bytes(song())
    (covers / "first.wav").write_bytes(song())


def often_known(values: Any) -> Any:
    """Three of four names are those of something that is there; which ones follows from the names."""
    if not isinstance(values, dict):
        return values
    return {name: KNOWN.get(name, value) if _is_chosen(value) else value for name, value in values.items()}


def _is_chosen(value: object) -> bool:
    return isinstance(value, str) and bool(zlib.crc32(value.encode("utf-8", "replace")) % 4)


def request_all(home: Home, examples: int) -> None:
    """Requests every operation; some requests are as described, some are not."""
    furnish(home)
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", build(studio(home.path), ("*",)))
    schema.hook("map_path_parameters")(lambda _, path_parameters: often_known(path_parameters))
    schema.hook("map_body")(lambda _, body: often_known(body))
    for result in schema.get_all_operations():
        operation = result.ok()
        has_json = any(body.media_type == "application/json" for body in operation.body)
        for mode in (GenerationMode.POSITIVE, *((GenerationMode.NEGATIVE,) if has_json else ())):

            @given(case=operation.as_strategy(generation_mode=mode))
            @settings(
                max_examples=examples,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            def request(case: Any) -> None:
                # A possible name of something that is not there is as described, and refused.
                case.call_and_validate(excluded_checks=[positive_data_acceptance])

            request()
            shutil.rmtree(home.path)
            furnish(home)


def test_answers_are_as_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object, **__: object) -> tuple[int, str]:
        return 1, "no sound"

    monkeypatch.setattr(side_process, "run", refuse)  # decoding takes a process for each file
    request_all(Home(tmp_path / "home"), 6)


@pytest.mark.slow
def test_answers_to_many_requests_are_as_described(tmp_path: Path) -> None:
    request_all(Home(tmp_path / "home"), 40)
