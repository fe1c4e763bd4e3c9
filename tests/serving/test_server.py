"""Server process: songs, predictions, errors, status and metrics."""

import base64
import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipelines.serving.server_process import ServerProcess
from tests.inference import tiny
from tests.serving.songs import RATE, decoded, encoded, expected_cover
from tools.benchmarks import encoding

CLIP = tiny.song(0.3, 1)[:, 0].tolist()
TRANSLATE = "/v1/translate"


def predict(server: ServerProcess, **fields: Any) -> tuple[int, Any]:
    """Status and JSON of a prediction."""
    status, content = server.call("/v1/models/tiny:predict", json.dumps(fields).encode())
    return status, json.loads(content)


def test_the_cover_equals_that_of_coverband_translate(server: ServerProcess, exported: Path, tmp_path: Path):
    song = tiny.song(2.0)
    status, content = server.call(f"{TRANSLATE}?model=tiny&strength=1", encoded(song))
    assert status == 200
    expected = expected_cover(exported / "tiny" / "1", song, tmp_path)
    np.testing.assert_allclose(decoded(content), expected, atol=2e-4)


def test_songs_of_several_windows_keep_their_length_and_have_no_seams(server: ServerProcess):
    song = tiny.song(26.0)
    cover = decoded(server.call(TRANSLATE, encoded(song))[1])
    assert cover.shape == song.shape
    steps = np.abs(np.diff(cover, axis=0)).max(axis=1)
    assert steps.max() < 1.5 * np.abs(np.diff(song, axis=0)).max()


@pytest.mark.parametrize("suffix", [".flac", ".ogg", ".mp3", ".m4a", ".opus", ".webm", ".wma"])
def test_other_formats_and_rates(server: ServerProcess, suffix: str):
    song = tiny.song(0.5, 2, encoding.SAMPLE_RATE)
    status, content = server.call(TRANSLATE, encoding.encoded(suffix, song))
    assert status == 200
    assert len(decoded(content)) == pytest.approx(0.5 * RATE, abs=0.1 * RATE)


def test_a_form_with_one_file_is_accepted(server: ServerProcess):
    song = encoded(tiny.song(0.4))
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="../../song"\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    status, content = server.call(TRANSLATE, head + song + b"\r\n--x--\r\n", kind)
    assert (status, content) == server.call(TRANSLATE, song)
    assert status == 200


@pytest.mark.parametrize(
    ("query", "body", "status", "message"),
    [
        ("?model=other", b"", 404, "Servable not found for request: Latest(other)"),
        ("?version=7", b"", 404, "Servable not found for request: Specific(tiny, 7)"),
        ("?version=x", b"", 400, "version has to be a whole number"),
        ("?strength=2", b"", 400, "strength has to be a number from 0 to 1"),
        ("?strength=nan", b"", 400, "strength has to be a number from 0 to 1"),
        ("?closeness=1.1", b"", 400, "closeness has to be a number from 0 to 1"),
        ("", b"", 415, "the song is empty"),
        ("", b"words " * 99, 415, "the song is not a readable audio file"),
        ("", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", 415, "the song is not a readable audio file"),
        ("", b"RIFF\xff\xff\xff\xffWAVEfmt ", 415, "the song is"),
        ("", encoded(tiny.song(0.1), rate=1), 400, "the song is damaged"),
        (
            "",
            encoded(np.zeros((61 * 8000, 1)), "FLAC", 8000),
            413,
            "longer than the 1 minutes that are accepted",
        ),
        ("", bytes(9 << 20), 413, "larger than the 8 MB that are accepted (coverband serve --megabytes)"),
    ],
)
def test_errors_are_one_sentence(server: ServerProcess, query: str, body: bytes, status: int, message: str):
    found, content = server.call(TRANSLATE + query, body)
    assert found == status
    sentence = json.loads(content)["error"]
    assert message in sentence
    assert "/" not in sentence.replace("audio/", "")


def test_predictions(server: ServerProcess):
    row = {"waveform": CLIP, "strength": 1.0}
    status, batch = predict(server, signature_name="batch", instances=[row, row])
    assert status == 200
    status, single = predict(server, inputs={"waveform": [[each] for each in CLIP], "strength": 1.0})
    assert status == 200
    single = np.squeeze(single["outputs"])
    for each in batch["predictions"]:
        np.testing.assert_allclose(each, single, atol=1e-5)
    wav = base64.b64encode(encoded(np.float32(CLIP))).decode()
    wavs = [{"wav_bytes": {"b64": wav}, "strength": 1.0}]
    status, found = predict(server, signature_name="wav_bytes", instances=wavs)
    assert status == 200
    cover = decoded(base64.b64decode(found["predictions"][0]["b64"]))
    np.testing.assert_allclose(cover[:, 0], single, atol=5e-4)


def test_errors_of_predictions_are_one_sentence(server: ServerProcess):
    assert predict(server, instances=[1])[0] == 400
    bad = [{"wav_bytes": {"b64": "AAAA"}, "strength": 1.0}]
    status, found = predict(server, signature_name="wav_bytes", instances=bad)
    assert status == 400
    assert found["error"].startswith("the model does not take these inputs")
    assert "\n" not in found["error"]


def test_status_and_metadata(server: ServerProcess):
    available = {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    for path in ("/v1/models/tiny", "/v1/models/tiny/versions/1"):
        assert json.loads(server.call(path)[1]) == {"model_version_status": [available]}
    assert server.call("/v1/models/other")[0] == server.call("/v1/models/tiny/versions/2")[0] == 404
    found = json.loads(server.call("/v1/models/tiny/metadata")[1])["metadata"]["signature_def"]
    assert found["signature_def"].keys() == {
        "serving_default",
        "dials",
        "batch",
        "wav_bytes",
        "log_mel",
        "window",
    }
    (model,) = json.loads(server.call("/v1/models")[1])["models"]
    assert (model["name"], model["sample_rate"], model["card"]["family"]) == ("tiny", RATE, "tiny")


def test_unknown_addresses_and_hosts(server: ServerProcess):
    assert json.loads(server.call("/etc/passwd")[1]) == {"error": "Malformed request: GET /etc/passwd"}
    assert server.call("/v1/models/tiny:classify", b"{}")[0] == 400
    assert server.call("/healthz", headers={"Host": "elsewhere.example"})[0] == 400


def test_requests_beyond_the_queue_are_rejected(server: ServerProcess):
    song = encoded(tiny.song(10.0))
    with ThreadPoolExecutor(12) as clients:
        found = list(clients.map(lambda _: server.call(TRANSLATE, song), range(12)))
    statuses = [status for status, _ in found]
    assert set(statuses) == {200, 503}
    assert len({content for status, content in found if status == 200}) == 1
    assert server.metric("coverband_requests") == 0


def test_work_for_a_disconnected_client_is_cancelled(server: ServerProcess):
    before = server.metric("coverband_work_seconds_count")
    client = http.client.HTTPConnection(server.url.removeprefix("http://"))
    client.request("POST", TRANSLATE, encoded(tiny.song(59.0)))
    client.close()
    end = time.monotonic() + 60
    while server.metric("coverband_requests"):
        assert time.monotonic() < end
        time.sleep(0.1)
    assert server.metric("coverband_work_seconds_count") <= before + 2  # of the five windows


def test_metrics_count(server: ServerProcess):
    before = server.metric("coverband_music_seconds_total")
    server.call(TRANSLATE, encoded(tiny.song(1.0)))
    assert server.metric("coverband_music_seconds_total") == pytest.approx(before + 1.0)
    assert server.metric("coverband_worker_memory_bytes") > 1e8
