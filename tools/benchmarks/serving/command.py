"""Measures a server: speed and memory under load, responses to malformed songs, and killed workers.

    python -m tools benchmark serving --model saved_model/ --song song.mp3
    python -m tools benchmark serving --model saved_model/ --song song.mp3 --clients 50 --fuzz 1000

The server is started and stopped by this command. Responses are compared byte by byte with the one that a
single client received.
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
from pipelines.serving.server_process import ServerProcess, ServerStartError
from tools.benchmarks.serving import fuzz
from tools.benchmarks.serving.load import Response, Send, load


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of the measurements.

    Attributes:
        song: song whose beginning is sent.
        seconds: length of the beginning.
        clients: numbers of concurrent clients.
        requests: least number of requests for each number of clients.
        malformed: number of malformed songs.
        kills: number of workers to kill.
        seed: random seed of the malformed songs.
    """

    song: Path
    seconds: float
    clients: tuple[int, ...]
    requests: int
    malformed: int
    kills: int
    seed: int


def main(argv: list[str]) -> None:
    """Prints the measurements."""
    values = flags.FlagValues()
    model = flags.DEFINE_string(
        "model", None, "As --model of `coverband serve`.", required=True, flag_values=values
    )
    song = flags.DEFINE_string(
        "song", None, "Song whose first seconds are sent.", required=True, flag_values=values
    )
    seconds = flags.DEFINE_float(
        "seconds", 5.0, "Length of the excerpt.", lower_bound=0.1, flag_values=values
    )
    clients = flags.DEFINE_multi_integer(
        "clients", [1, 8, 50], "Numbers of concurrent clients.", lower_bound=1, flag_values=values
    )
    requests = flags.DEFINE_integer(
        "requests",
        16,
        "Least number of requests for each number of clients.",
        lower_bound=1,
        flag_values=values,
    )
    malformed = flags.DEFINE_integer(
        "fuzz", 200, "Number of malformed songs.", lower_bound=0, flag_values=values
    )
    kills = flags.DEFINE_integer(
        "kills",
        1,
        "Number of workers to kill while the most clients wait.",
        lower_bound=0,
        flag_values=values,
    )
    seed = flags.DEFINE_integer("seed", 0, "Random seed of the malformed songs.", flag_values=values)
    console.parse(values, argv, __doc__)
    files.info(song.value)  # raises a UserError for an unreadable file
    queue = ["--queue", str(max(clients.value) + 8)]
    with tempfile.TemporaryDirectory() as folder:
        try:
            with ServerProcess(Path(model.value), Path(folder) / "log", queue) as server:
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
        except ServerStartError as error:
            raise UserError(f"the server did not start: {str(error).strip().splitlines()[-1]}") from error


def _measure(server: ServerProcess, settings: Settings) -> None:
    model = json.loads(server.call("/v1/models")[1])["models"][0]
    name, seconds = model["name"], settings.seconds
    song = _beginning(settings.song, seconds, model["sample_rate"])
    _loads(server, settings, f"songs of {seconds:g} s", _song(server, name, song))
    _loads(server, settings, f"wav_bytes predictions of {seconds:g} s", _prediction(server, name, song))
    _kills(server, settings, _song(server, name, song))
    _fuzz(server, settings, name, _song(server, name, song))
    _memory(server)


def _song(server: ServerProcess, name: str, song: bytes) -> Send:
    return lambda: server.call(f"/v1/translate?model={name}", song)


def _prediction(server: ServerProcess, name: str, song: bytes) -> Send:
    row = {"wav_bytes": {"b64": base64.b64encode(song).decode()}, "strength": 1.0}
    body = json.dumps({"signature_name": "wav_bytes", "instances": [row]}).encode()
    return lambda: server.call(f"/v1/models/{name}:predict", body)


def _loads(server: ServerProcess, settings: Settings, title: str, send: Send) -> None:
    expected = _single_client(send)
    print(title)
    for clients in settings.clients:
        result = load(send, expected, clients, max(settings.requests, clients))
        print(f"  {result}; {result.rate * settings.seconds:.2f} s of audio/s", flush=True)
        _memory(server)


def _single_client(send: Send) -> Response:
    response = send()
    if response[0] != 200:
        raise UserError(f"a single client got {response[0]}: {response[1][:200].decode(errors='replace')}")
    return response


def _kills(server: ServerProcess, settings: Settings, send: Send) -> None:
    """Kills workers by SIGKILL while the most clients wait."""
    expected, clients = _single_client(send), max(settings.clients)
    for _ in range(settings.kills):
        killer = threading.Thread(target=_kill, args=(server,))
        killer.start()
        result = load(send, expected, clients, clients)
        killer.join()
        print(f"kill -9 of a worker\n  {result}", flush=True)
    print(f"  workers lost: {server.metric('coverband_workers_lost_total'):.0f}")


def _kill(server: ServerProcess) -> None:
    """Kills a worker after it has processed two windows."""
    done = server.metric("coverband_work_seconds_count")
    while server.metric("coverband_work_seconds_count") < done + 2:
        time.sleep(0.1)
    os.kill(server.worker_pids()[0], signal.SIGKILL)


def _fuzz(server: ServerProcess, settings: Settings, name: str, send: Send) -> None:
    """Sends malformed songs, then a valid one."""
    expected = _single_client(send)
    statuses: collections.Counter[int] = collections.Counter()
    bodies = fuzz.cases(settings.malformed, settings.seed)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        responses = pool.map(lambda body: server.call(f"/v1/translate?model={name}", body), bodies)
        for status, content in console.progress(responses, "malformed songs", total=settings.malformed):
            statuses[status] += 1
            if 400 <= status < 500 and set(json.loads(content)) != {"error"}:
                raise UserError(f"an error is not in TensorFlow Serving's format: {content[:200]!r}")
    counts = ", ".join(f"{count} times {status}" for status, count in sorted(statuses.items()))
    valid = "correct" if send() == expected else "WRONG"
    print(
        f"{settings.malformed} malformed songs\n  {counts or 'none'}; a valid one afterwards: {valid}",
        flush=True,
    )


def _memory(server: ServerProcess) -> None:
    """Prints the resident memory."""
    workers = ", ".join(f"{resident_bytes(pid) / 1e6:.0f}" for pid in server.worker_pids())
    print(
        f"  memory, MB: server {resident_bytes(server.process.pid) / 1e6:.0f}, workers {workers}", flush=True
    )


def _beginning(path: Path, seconds: float, rate: int) -> bytes:
    """Content of a WAV file with the first seconds of a song."""
    block = next(files.blocks(path, rate, seconds))
    file = io.BytesIO()
    soundfile.write(file, block, rate, "PCM_16", format="WAV")
    return file.getvalue()


if __name__ == "__main__":
    console.run(main)
