"""Page of a model: its content, the command's mistakes, and covers equal to those of `translate`."""

import dataclasses
import functools
import gzip
import hashlib
import re
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import soundfile

from coverband.commands import export
from pipelines.audio.spec import AudioSpec
from pipelines.audio.streams import Signal, array_blocks, block_size
from pipelines.errors import UserError
from pipelines.inference.onnx_export import export_onnx
from pipelines.inference.onnx_folder import Record
from pipelines.inference.onnx_network import load_window_translator
from pipelines.inference.translate import SongTranslator
from pipelines.nn.dials import Dials
from pipelines.nn.neural_vocoder.card import VocoderCard
from pipelines.stems.parts import WholeSong
from pipelines.web.modules import bundle
from tests.browsers import chromium, narrow_page, requires_chromium
from tests.inference import tiny

pytest.importorskip("onnxruntime")
pytest.importorskip("tf2onnx")

RATE = tiny.SPEC.sample_rate
SHA_256 = re.compile(r"`(runtime\.\w+\.gz)` \| (\d+) \| `(\w{64})`")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Workdir of a training run with an ONNX export."""
    folder = tmp_path_factory.mktemp("runs") / "mine"
    export_onnx(tiny.trained_noisy(folder / "translator"), folder / "translator", folder / "onnx")
    return folder


@pytest.fixture(scope="module")
def page(run: Path) -> Path:
    """Page by the command."""
    path = run.parent / "pages" / "cover.html"
    export.main(["export", f"--model={run}", f"--out={path}", "--format=web", "--licence=CC0 <1.0>"])
    return path


def test_the_page_loads_nothing_and_has_the_facts(page: Path):
    text = page.read_text()
    head = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert head
    policy = head[1].replace("&#39;", "'")
    assert policy.startswith(
        "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; "
    )
    assert policy.endswith("blob: 'wasm-unsafe-eval'; worker-src blob:")
    assert not re.findall(r'https?://|\bsrc="|<link', text)
    for fact in ("<dd>mine</dd>", "CC0 &lt;1.0&gt;", "rights holders' permission", "Copyright (c) Microsoft"):
        assert fact in text


def test_the_runtime_is_the_recorded_one():
    folder = resources.files("pipelines.web").joinpath("onnxruntime")
    found = SHA_256.findall(folder.joinpath("README.md").read_text())
    assert len(found) == 2
    for name, size, digest in found:
        content = folder.joinpath(name).read_bytes()
        assert len(content) == int(size)
        assert hashlib.sha256(gzip.decompress(content)).hexdigest() == digest


def test_modules_have_scopes_of_their_own():
    one = 'export const SIZE = 1;\nexport function f() {}\nconst other = "export const";\n'
    two = 'import { f, SIZE } from "./one.js";\nconst other = f(SIZE);\n'
    assert bundle([("one", one), ("two", two)]) == (
        'const one_js = (() => {\n"use strict";\nconst SIZE = 1;\nfunction f() {}\n'
        'const other = "export const";\n\n'
        'return { SIZE, f };\n})();\nconst two_js = (() => {\n"use strict";\nconst { f, SIZE } = one_js;\n'
        "const other = f(SIZE);\n\nreturn {  };\n})();"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--out=cover"], "--format web writes one file: end --out cover in .html"),
        (["--out=cover.html", "--vocoder=shipped"], "--vocoder is not possible with --format web"),
    ],
)
def test_mistakes_are_one_sentence(run: Path, arguments: list[str], words: str):
    with pytest.raises(UserError, match=re.escape(words)):
        export.main(["export", f"--model={run}", "--format=web", *arguments])


def _changed(run: Path, folder: Path) -> Path:
    """Copy of the export's small files."""
    folder.mkdir()
    for path in (run / "onnx").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_a_vocoder_is_refused(run: Path, tmp_path: Path):
    folder = _changed(run, tmp_path / "vocoded")
    dataclasses.replace(Record.load(folder), vocoder_card=VocoderCard("tiny", 1, 1, 100, 0)).save(folder)
    with pytest.raises(UserError, match="vocoded has a vocoder, which the page cannot run"):
        export.main(["export", f"--model={folder}", "--format=web", f"--out={tmp_path / 'a.html'}"])
    assert not (tmp_path / "a.html").exists()


def test_an_fft_of_another_size_is_refused(run: Path, tmp_path: Path):
    folder = _changed(run, tmp_path / "odd")
    dataclasses.replace(AudioSpec.load(folder), n_fft=1000).save(folder)
    with pytest.raises(UserError, match="odd has an n_fft of 1000: the page runs models with a power of two"):
        export.main(["export", f"--model={folder}", "--format=web", f"--out={tmp_path / 'a.html'}"])


def _song(channels: int) -> np.ndarray:
    """Song longer than a window, with energy in all bins and with peaks that are limited."""
    song = tiny.song(13.0, channels)
    noise = np.random.default_rng(1).normal(scale=0.003, size=song.shape)
    return (0.5 * np.clip(song + noise, -0.2, 0.2) / 0.2).astype(np.float32)


def _expected(run: Path, song: np.ndarray, dials: Dials) -> np.ndarray:
    signal = Signal("song", functools.partial(array_blocks, song, block_size(RATE)))
    translator = SongTranslator(load_window_translator(run / "onnx"))
    return translator.translate_array(WholeSong(signal, RATE), dials)


@pytest.mark.slow
@requires_chromium
def test_covers_in_a_browser_are_those_of_translate(run: Path, page: Path, tmp_path: Path):
    address = page.as_uri()
    with chromium() as browser, narrow_page(browser, (address, "blob:"), 120_000) as tab:
        tab.goto(address)
        tab.click("#start")
        assert tab.inner_text("#problem") == "Choose a song first."
        words = {"name": "words.mp3", "mimeType": "audio/mpeg", "buffer": b"these are words"}
        tab.set_input_files("#file", words)
        tab.wait_for_selector("#problem >> text=This browser cannot decode words.mp3")
        for channels, first, strength, closeness in ((2, 0, 100, 50), (1, 2, 60, 0)):
            song = _song(channels)
            soundfile.write(tmp_path / "song.wav", song, RATE, "FLOAT")
            tab.set_input_files("#file", tmp_path / "song.wav")
            tab.wait_for_selector("#chosen >> text=song.wav")
            tab.wait_for_selector("#start:enabled")
            for name, value in (("from", first), ("strength", strength), ("closeness", closeness)):
                tab.locator(f"#{name}").fill(str(value))
            tab.click("#start")
            tab.wait_for_selector("#progress", state="hidden")
            assert re.match(r"Translated in [\d.]+ s: [\d.]+x real time\.", tab.inner_text("#speed"))
            with tab.expect_download() as download:
                tab.click("#download")
            assert download.value.suggested_filename == "song (mine).wav"
            found, _ = soundfile.read(download.value.path(), dtype="float32", always_2d=True)
            clip, dials = song[first * RATE :], Dials(strength / 100, closeness / 100)
            assert found.shape == clip.shape
            assert np.abs(found).max() > 0.3
            np.testing.assert_allclose(found, _expected(run, clip, dials), atol=1e-4)
        tab.click("summary")
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        tab.locator("body").click(position={"x": 2, "y": 2})
        tab.keyboard.press("s")
        tab.wait_for_selector(".picture.audible[data-side=source]")
