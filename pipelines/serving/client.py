"""Clients of the server with Python's standard library: translation of a song, and a prediction.

python -m pipelines.serving.client http://localhost:8501 song.mp3 cover.wav
python -m pipelines.serving.client http://localhost:8501 song.mp3 cover.wav --vocals singer.wav
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import IO

_READ_BYTES = 1 << 16


def translate(
    url: str,
    song: IO[bytes],
    cover: IO[bytes],
    strength: float = 1.0,
    closeness: float = 0.5,
    *,
    vocals: IO[bytes] | None = None,
    instrumental: IO[bytes] | None = None,
    vocals_level: float = 0.0,
) -> None:
    """Translates a song; the cover is written while the server translates.

    With a stem, the singer stays and the band plays the rest.

    Args:
        url: of the server.
        song: any audio file that FFmpeg reads.
        cover: written as WAV.
        strength: 0 to 1.
        closeness: 0 to 1.
        vocals: the singer of the song alone, likewise an audio file.
        instrumental: the song without its singer, in place of the vocals.
        vocals_level: change of the singer's level, decibels, -60 to 20; for songs with a stem.

    Raises:
        urllib.error.HTTPError: with {"error": ...} as its content.
    """
    query = {"strength": strength, "closeness": closeness}
    if vocals_level:
        query["vocals_level"] = vocals_level
    stems = {"vocals": vocals, "instrumental": instrumental}
    files = {name: file.read() for name, file in stems.items() if file is not None}
    content, headers = _form({"song": song.read(), **files}) if files else (song.read(), {})
    request = urllib.request.Request(f"{url}/v1/translate?{urllib.parse.urlencode(query)}", content, headers)
    with urllib.request.urlopen(request) as response:
        while chunk := response.read(_READ_BYTES):
            cover.write(chunk)


def _form(files: Mapping[str, bytes]) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a form of files."""
    boundary = uuid.uuid4().hex  # in none of the files
    head = '--{}\r\nContent-Disposition: form-data; name="{}"; filename="{}"\r\n\r\n'
    parts = [head.format(boundary, name, name).encode() + file + b"\r\n" for name, file in files.items()]
    body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def predict(url: str, model: str, wav: bytes, strength: float = 1.0) -> bytes:
    """Translates a WAV file of 16 bits at the model's sample rate by TensorFlow Serving's REST API.

    Args:
        url: of this server or of TensorFlow Serving.
        model: its name.
        wav: the file.
        strength: 0 to 1.

    Returns:
        The cover, a WAV file.

    Raises:
        urllib.error.HTTPError: with {"error": ...} as its content.
    """
    row = {"wav_bytes": {"b64": base64.b64encode(wav).decode()}, "strength": strength}
    body = json.dumps({"signature_name": "wav_bytes", "instances": [row]}).encode()
    with urllib.request.urlopen(f"{url}/v1/models/{model}:predict", body) as response:
        return base64.b64decode(json.load(response)["predictions"][0]["b64"])


def main() -> None:
    """Translates the song that the command line names."""
    parser = argparse.ArgumentParser(description="Translates a song on a server.")
    parser.add_argument("url", help="of the server")
    parser.add_argument("song", type=Path, help="audio file")
    parser.add_argument("cover", type=Path, help="WAV file to write")
    parser.add_argument("--vocals", type=Path, help="the singer of the song alone: the singer stays")
    parser.add_argument("--instrumental", type=Path, help="the song without its singer: the singer stays")
    parser.add_argument("--vocals_level", type=float, default=0.0, help="of the singer, decibels")
    values = parser.parse_args()
    with contextlib.ExitStack() as files:
        stems = {
            name: files.enter_context(path.open("rb"))
            for name in ("vocals", "instrumental")
            if (path := getattr(values, name))
        }
        song = files.enter_context(values.song.open("rb"))
        cover = files.enter_context(values.cover.open("wb"))
        translate(values.url, song, cover, **stems, vocals_level=values.vocals_level)


if __name__ == "__main__":
    main()
