"""Clients of the server with Python's standard library: translation of a song, and a prediction.

python -m pipelines.serving.client http://localhost:8501 song.mp3 cover.wav
"""

from __future__ import annotations

import base64
import json
import sys
import urllib.request
from pathlib import Path
from typing import IO

_READ_BYTES = 1 << 16


def translate(
    url: str, song: IO[bytes], cover: IO[bytes], strength: float = 1.0, closeness: float = 0.5
) -> None:
    """Translates a song; the cover is written while the server translates.

    Args:
        url: of the server.
        song: any audio file that FFmpeg reads.
        cover: written as WAV.
        strength: 0 to 1.
        closeness: 0 to 1.

    Raises:
        urllib.error.HTTPError: with {"error": ...} as its content.
    """
    address = f"{url}/v1/translate?strength={strength}&closeness={closeness}"
    request = urllib.request.Request(address, song.read())
    with urllib.request.urlopen(request) as response:
        while chunk := response.read(_READ_BYTES):
            cover.write(chunk)


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


if __name__ == "__main__":
    with Path(sys.argv[2]).open("rb") as source, Path(sys.argv[3]).open("wb") as target:
        translate(sys.argv[1], source, target)
