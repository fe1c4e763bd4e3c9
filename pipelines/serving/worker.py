"""Worker process: one model, one request at a time, until its input is closed.

    python -m pipelines.serving.worker MODEL SONG_SECONDS

Requests are read from stdin and responses written to the original stdout; other output goes to stderr.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pipelines.errors import UserError
from pipelines.serving.messages import PREDICT, Header, Message, receive, send

if TYPE_CHECKING:  # it imports libraries that may print while stdout is not redirected yet
    from pipelines.serving.engine import Engine

_LARGE_RESPONSE = 1 << 20
"""Size, bytes, beyond which the response to a prediction is written to a file beside the request."""


def main(argv: list[str]) -> int:
    """Loads the model, sends its description, and serves requests."""
    responses = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    from pipelines.serving.engines import load

    try:
        engine = load(Path(argv[1]), float(argv[2]))
        engine.warm_up()
    except UserError as error:
        send(responses, {"error": str(error)})
        return 1
    send(responses, {"ready": True, **engine.describe()})
    _serve(engine, sys.stdin.buffer, responses)
    return 0


def _serve(engine: Engine, requests: IO[bytes], responses: IO[bytes]) -> None:
    while (message := receive(requests)) is not None:
        request = message[0]
        try:
            response = _respond(engine, request)
        except FileNotFoundError:  # the client has disconnected, and its files are deleted
            response = {"results": [{"status": 499, "bytes": 0} for _ in request.get("bodies", [0])]}, b""
        send(responses, *response)


def _respond(engine: Engine, request: Header) -> Message:
    """Response to a request: results of predictions, or one window of a song."""
    if request["kind"] == PREDICT:
        return _predict(engine, request["bodies"])
    return {}, _translate_window(engine, request)


def _translate_window(engine: Engine, request: Header) -> bytes:
    """Samples of one translated window, interleaved little-endian float32."""
    import numpy as np

    song = np.memmap(request["song"], "<f4", "r").reshape(-1, request["channels"])
    samples = engine.translate_window(song, request["loudness"], request["index"], request["dials"])
    return samples.astype("<f4").tobytes()


def _predict(engine: Engine, paths: list[str]) -> Message:
    """Results of the requests in files: status and size of each as header, and their concatenated bytes."""
    replies = engine.predict([Path(path).read_bytes() for path in paths])
    results, contents = [], []
    for path, (status, content) in zip(paths, replies, strict=True):
        if len(content) > _LARGE_RESPONSE:
            Path(f"{path}.response").write_bytes(content)
            content = b""
        results.append({"status": status, "bytes": len(content)})
        contents.append(content)
    return {"results": results}, b"".join(contents)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
