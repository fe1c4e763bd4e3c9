"""Measures a server: speed and memory under load, and what malformed songs and killed workers do to it.

    python -m tools benchmark serving --model saved_model/ --song song.mp3
    python -m tools benchmark serving --model saved_model/ --song song.mp3 --clients 50 --fuzz 1000

A server is started for it and stopped at the end. Answers are compared with what a lone client got, byte by
byte.
"""

from __future__ import annotations

import base64
import collections
import dataclasses
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


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of the measurements.

    Attributes:
        song: whose beginning is sent.
        seconds: length of that beginning.
        clients: numbers of clients at a time.
        requests: least number of requests for each number of clients.
        malformed: number of malformed songs.
        kills: number of workers to kill.
        seed: of the malformed songs.
    """

    song: Path
    seconds: float
    clients: tuple[int, ...]
    requests: int
    malformed: int
    kills: int
    seed: int


def main(argv: list[str]) -> None:
    """Measures, and prints line by line."""
    values = flags.FlagValues()
    model = flags.DEFINE_string("model", None, "As for `coverband serve`.", required=True, flag_values=values)
    song = flags.DEFINE_string(
        "song", None, "Of which the first seconds are sent.", required=True, flag_values=values
    )
    seconds = flags.DEFINE_float("seconds", 5.0, "How many.", lower_bound=0.1, flag_values=values)
    clients = flags.DEFINE_multi_integer(
        "clients", [1, 8, 50], "At a time.", lower_bound=1, flag_values=values
    )
    requests = flags.DEFINE_integer(
        "requests", 16, "For each number of clients, at least.", lower_bound=1, flag_values=values
    )
    malformed = flags.DEFINE_integer("fuzz", 200, "Malformed songs.", lower_bound=0, flag_values=values)
    kills = flags.DEFINE_integer(
        "kills", 1, "Workers to kill while the most clients wait.", lower_bound=0, flag_values=values
    )
    seed = flags.DEFINE_integer("seed", 0, "Of the malformed songs.", flag_values=values)
    console.parse(values, argv, __doc__)
    files.info(song.value)  # says what is wrong with it
    queue = ["--queue", str(max(clients.value) + 8)]
    with tempfile.TemporaryDirectory() as folder:
        try:
            with Started(Path(model.value), Path(folder) / "log", queue) as server:
                settings = Settings(
                    Path(song.value),
                    seconds.value,
                    tuple(clients.value),
                    requests.value,
                    malformed.value,
                    kills.value,
                    seed.value,
                )
                _measure(server, settings)
        except NotStarted as error:
            raise UserError(f"the server did not start: {str(error).strip().splitlines()[-1]}") from error


def _measure(server: Started, settings: Settings) -> None:
    model = json.loads(server.call("/v1/models")[1])["models"][0]
    name, seconds = model["name"], settings.seconds
    song = _beginning(settings.song, seconds, model["sample_rate"])
    _loads(server, settings, f"songs of {seconds:g} s", _song(server, name, song))
    _loads(server, settings, f"wav_bytes predictions of {seconds:g} s", _prediction(server, name, song))
    _kills(server, settings, _song(server, name, song))
    _fuzz(server, settings, name, _song(server, name, song))
    _memory(server)


def _song(server: Started, name: str, song: bytes) -> Ask:
    return lambda: server.call(f"/v1/translate?model={name}", song)


def _prediction(server: Started, name: str, song: bytes) -> Ask:
    row = {"wav_bytes": {"b64": base64.b64encode(song).decode()}, "strength": 1.0}
    body = json.dumps({"signature_name": "wav_bytes", "instances": [row]}).encode()
    return lambda: server.call(f"/v1/models/{name}:predict", body)


def _loads(server: Started, settings: Settings, what: str, ask: Ask) -> None:
    wanted = _alone(ask)
    print(what)
    for clients in settings.clients:
        found = load(ask, wanted, clients, max(settings.requests, clients))
        print(f"  {found}; {found.rate * settings.seconds:.2f} s of music/s", flush=True)
        _memory(server)


def _alone(ask: Ask) -> Answer:
    answer = ask()
    if answer[0] != 200:
        raise UserError(f"a lone client got {answer[0]}: {answer[1][:200].decode(errors='replace')}")
    return answer


def _kills(server: Started, settings: Settings, ask: Ask) -> None:
    """kill -9, while the most clients wait."""
    wanted, clients = _alone(ask), max(settings.clients)
    for _ in range(settings.kills):
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


def _fuzz(server: Started, settings: Settings, name: str, ask: Ask) -> None:
    """Malformed songs: what they are answered, and whether a good one still is."""
    wanted = _alone(ask)
    found: collections.Counter[int] = collections.Counter()
    bodies = fuzz.cases(settings.malformed, settings.seed)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = pool.map(lambda body: server.call(f"/v1/translate?model={name}", body), bodies)
        for status, content in console.progress(answers, "malformed songs", total=settings.malformed):
            found[status] += 1
            if 400 <= status < 500 and set(json.loads(content)) != {"error"}:
                raise UserError(f"a refusal is not in TensorFlow Serving's format: {content[:200]!r}")
    shown = ", ".join(f"{count} times {status}" for status, count in sorted(found.items()))
    good = "still right" if ask() == wanted else "WRONG"
    print(
        f"{settings.malformed} malformed songs\n  {shown or 'none'}; a good one afterwards: {good}",
        flush=True,
    )


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
