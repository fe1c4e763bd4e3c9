"""Measures a server: speed and memory under load, and what malformed songs and killed workers do to it.

    python -m tools benchmark serving --model saved_model/ --song song.mp3
    python -m tools benchmark serving --model saved_model/ --song song.mp3 --clients 50 --fuzz 1000 --seconds 10

A server is started for it and stopped at the end. Answers are compared with what a lone client got, byte by
byte.
"""

from __future__ import annotations

import base64
import collections
import io
import json
import os
import signal
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import soundfile
from absl import flags

from pipelines import console
from pipelines.audio import files
from pipelines.errors import UserError
from pipelines.serving.metrics import resident_bytes
from pipelines.serving.test_server import NotStarted, Started
from tools.benchmarks.serving import fuzz
from tools.benchmarks.serving.load import Answer, Ask, load

MODEL = flags.DEFINE_string("model", None, "As for `coverband serve`.", required=True)
SONG = flags.DEFINE_string("song", None, "Of which the first seconds are sent.", required=True)
SECONDS = flags.DEFINE_float("seconds", 5.0, "How many.", lower_bound=0.1)
CLIENTS = flags.DEFINE_multi_integer("clients", [1, 8, 50], "At a time.", lower_bound=1)
REQUESTS = flags.DEFINE_integer("requests", 16, "For each number of clients, at least.", lower_bound=1)
FUZZ = flags.DEFINE_integer("fuzz", 200, "Malformed songs.", lower_bound=0)
KILLS = flags.DEFINE_integer("kills", 1, "Workers to kill while the most clients wait.", lower_bound=0)
SEED = flags.DEFINE_integer("seed", 0, "Of the malformed songs.")


def main(argv: list[str]) -> None:
    """Measures, and prints line by line."""
    console.require_no_arguments(argv)
    files.info(SONG.value)  # says what is wrong with it
    queue = ["--queue", str(max(CLIENTS.value) + 8)]
    with tempfile.TemporaryDirectory() as folder:
        try:
            with Started(Path(MODEL.value), Path(folder) / "log", queue) as server:
                _measure(server)
        except NotStarted as error:
            raise UserError(f"the server did not start: {str(error).strip().splitlines()[-1]}") from error


def _measure(server: Started) -> None:
    model = json.loads(server.call("/v1/models")[1])["models"][0]
    name, song = model["name"], _beginning(Path(SONG.value), SECONDS.value, model["sample_rate"])
    _loads(server, f"songs of {SECONDS.value:g} s", _song(server, name, song))
    _loads(server, f"wav_bytes predictions of {SECONDS.value:g} s", _prediction(server, name, song))
    _kills(server, _song(server, name, song))
    _fuzz(server, name, _song(server, name, song))
    _memory(server)


def _song(server: Started, name: str, song: bytes) -> Ask:
    return lambda: server.call(f"/v1/translate?model={name}", song)


def _prediction(server: Started, name: str, song: bytes) -> Ask:
    row = {"wav_bytes": {"b64": base64.b64encode(song).decode()}, "strength": 1.0}
    body = json.dumps({"signature_name": "wav_bytes", "instances": [row]}).encode()
    return lambda: server.call(f"/v1/models/{name}:predict", body)


def _loads(server: Started, what: str, ask: Ask) -> None:
    wanted = _alone(ask)
    print(what)
    for clients in CLIENTS.value:
        found = load(ask, wanted, clients, max(REQUESTS.value, clients))
        print(f"  {found}; {found.rate * SECONDS.value:.2f} s of music/s", flush=True)
        _memory(server)


def _alone(ask: Ask) -> Answer:
    answer = ask()
    if answer[0] != 200:
        raise UserError(f"a lone client got {answer[0]}: {answer[1][:200].decode(errors='replace')}")
    return answer


def _kills(server: Started, ask: Ask) -> None:
    """kill -9, while the most clients wait."""
    wanted, clients = _alone(ask), max(CLIENTS.value)
    for _ in range(KILLS.value):
        killer = threading.Thread(target=_kill, args=(server,))
        killer.start()
        found = load(ask, wanted, clients, clients)
        killer.join()
        print(f"kill -9 of a worker\n  {found}", flush=True)
    print(f"  workers lost: {server.number('coverband_workers_lost_total'):.0f}")


def _kill(server: Started) -> None:
    """Ends a worker as soon as it has done something."""
    done = server.number("coverband_work_seconds_count")
    while server.number("coverband_work_seconds_count") < done + 2:
        time.sleep(0.1)
    os.kill(server.workers()[0], signal.SIGKILL)


def _fuzz(server: Started, name: str, ask: Ask) -> None:
    """Malformed songs: what they are answered, and whether a good one still is."""
    wanted = _alone(ask)
    found: collections.Counter[int] = collections.Counter()
    bodies = fuzz.cases(FUZZ.value, SEED.value)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = pool.map(lambda body: server.call(f"/v1/translate?model={name}", body), bodies)
        for status, content in console.progress(answers, "malformed songs", total=FUZZ.value):
            found[status] += 1
            if 400 <= status < 500 and set(json.loads(content)) != {"error"}:
                raise UserError(f"a refusal is not in TensorFlow Serving's format: {content[:200]!r}")
    shown = ", ".join(f"{count} times {status}" for status, count in sorted(found.items()))
    good = "still right" if ask() == wanted else "WRONG"
    print(f"{FUZZ.value} malformed songs\n  {shown or 'none'}; a good one afterwards: {good}", flush=True)


def _memory(server: Started) -> None:
    """Resident memory now."""
    workers = ", ".join(f"{resident_bytes(pid) / 1e6:.0f}" for pid in server.workers())
    print(
        f"  memory, MB: server {resident_bytes(server.process.pid) / 1e6:.0f}, workers {workers}", flush=True
    )


def _beginning(path: Path, seconds: float, rate: int) -> bytes:
    """The first seconds as WAV."""
    block = next(files.blocks(path, rate, seconds))
    file = io.BytesIO()
    soundfile.write(file, block, rate, "PCM_16", format="WAV")
    return file.getvalue()


if __name__ == "__main__":
    console.run(main)
