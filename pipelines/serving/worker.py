"""A worker process: one model, one piece of work at a time, until the server goes.

    python -m pipelines.serving.worker MODEL SONG_SECONDS

Messages come in at stdin and leave at what was stdout; whatever libraries print goes to stderr.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO, Any

from pipelines.errors import UserError
from pipelines.serving.messages import Header, Message, receive, send

_LARGE = 1 << 20
"""Answers beyond so many bytes go through a file beside the request."""


def main(argv: list[str]) -> int:
    """Loads the model, says so, and works."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    from pipelines.serving.engine import Engine

    try:
        engine = Engine(Path(argv[1]), float(argv[2]))
        engine.warm_up()
    except UserError as error:
        send(answers, {"error": str(error)})
        return 1
    send(answers, {"ready": True, **engine.describe()})
    _work(engine, sys.stdin.buffer, answers)
    return 0


def _work(engine: Any, orders: IO[bytes], answers: IO[bytes]) -> None:
    while (message := receive(orders)) is not None:
        try:
            done = _done(engine, message[0])
        except FileNotFoundError:  # the client has gone, and what it sent with it
            done = {"answers": [{"status": 499, "bytes": 0} for _ in message[0].get("bodies", [0])]}, b""
        send(answers, *done)


def _done(engine: Any, order: Header) -> Message:
    """Result of an order: the answers to predict requests, or one window of a song."""
    if order["do"] == "predict":
        return _predicted(engine, order["bodies"])
    return {}, _played(engine, order)


def _played(engine: Any, order: Header) -> bytes:
    """One window: float32 samples, little-endian."""
    import numpy as np

    song = np.memmap(order["song"], "<f4", "r").reshape(-1, order["channels"])
    made = engine.play(song, order["loudness"], order["index"], order["strength"])
    return made.astype("<f4").tobytes()


def _predicted(engine: Any, paths: list[str]) -> Message:
    """Answers to requests that lie in files: status and bytes of each, then the bytes one after the other."""
    replies = engine.predict([Path(path).read_bytes() for path in paths])
    shown, contents = [], []
    for path, (status, content) in zip(paths, replies, strict=True):
        if len(content) > _LARGE:
            Path(f"{path}.answer").write_bytes(content)
            content = b""
        shown.append({"status": status, "bytes": len(content)})
        contents.append(content)
    return {"answers": shown}, b"".join(contents)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
