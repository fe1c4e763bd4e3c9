"""Page that makes covers of clips in a browser: one HTML file with the network and what runs it.

The network is run by onnxruntime-web, whose files are beside this module. The signal path is JavaScript, the
same as that of `pipelines.inference.array_window_translator`; its tables are computed here.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np

from pipelines.audio.arrays.inversion import SourcePhase
from pipelines.audio.hann import window
from pipelines.audio.k_weighting import impulse_response
from pipelines.audio.mel_filters import mel_inverse, mel_matrix
from pipelines.audio.spec import AudioSpec
from pipelines.audio.true_peak import CONTEXT, interpolator
from pipelines.errors import UserError
from pipelines.html.components import definitions
from pipelines.html.nodes import node
from pipelines.html.page import asset, document
from pipelines.inference.model_card import ModelCard
from pipelines.inference.onnx_folder import NETWORK_FILE, NoiseInput, Record
from pipelines.inference.window_translation import WINDOW_FRAMES, inverted_margin
from pipelines.inference.windows import Windows
from pipelines.nn.translator_card import CLOSENESS, LOG_MEL, TranslatorCard, load_card
from pipelines.web.modules import bundle

_PACKAGE, _SERVING = "pipelines.web", "pipelines.serving"
_RUNTIME = "onnxruntime-web 1.23.2"
_WORKER = ("fft", "noise", "spectra", "mel", "stereo", "loudness", "limiter", "translation", "worker")
_PAGE = ((_SERVING, "playback"), (_SERVING, "player"), (_SERVING, "spectrogram"), (_PACKAGE, "page"))
_STYLE = "pre { white-space: pre-wrap; }\n"
_LEVEL = 1
"""Compression: weights become smaller by a fifth at every level; higher ones take three times as long."""
_OVERSAMPLING = 4
_WORD = 0xFFFFFFFF


def page(folder: Path, name: str, card: ModelCard) -> bytes:
    """HTML page of an ONNX export.

    Args:
        folder: of the export.
        name: of the model.
        card: shown on the page.

    Returns:
        The file's content, UTF-8.

    Raises:
        UserError: if the export is damaged, or the page cannot run it.
    """
    record, spec = Record.load(folder), AudioSpec.load(folder)
    if record.vocoder_card:
        raise UserError(f"{name} has a vocoder, which the page cannot run: name a run without one")
    if spec.n_fft & (spec.n_fft - 1):
        raise UserError(f"{name} has an n_fft of {spec.n_fft}: the page runs models with a power of two")
    translator, tables = load_card(folder), _tables(spec)
    settings = {
        "rate": spec.sample_rate,
        "fftSize": spec.n_fft,
        "hop": spec.hop_length,
        "bands": spec.n_mels,
        "floor": spec.floor,
        "ceiling": spec.ceiling,
        **_windows(spec, translator),
        "noise": [_noise(each) for each in record.noise],
        "inputs": {"logMel": LOG_MEL, "closeness": CLOSENESS},
        "tables": {key: table.size for key, table in tables.items()},
    }
    values = {"settings": settings, "name": name, "hasCloseness": translator.closeness}
    files = {
        "runtime": _vendored("runtime.mjs.gz"),
        "wasm": _vendored("runtime.wasm.gz"),
        "network": _packed((folder / NETWORK_FILE).read_bytes()),
        "tables": _packed(b"".join(table.tobytes() for table in tables.values())),
    }
    worker = _script((_PACKAGE, module) for module in _WORKER)
    return document(
        f"{name}: covers in a browser",
        *ElementTree.fromstring(asset("page.html", _PACKAGE)),
        _about(name, card),
        _data("settings", json.dumps(values).replace("<", "\\u003c"), "application/json"),
        _data("worker", worker, "text/plain"),
        *(
            _data(key, base64.b64encode(content).decode("ascii"), "text/plain")
            for key, content in files.items()
        ),
        style=asset("page.css", _SERVING) + _STYLE,
        script=_script(_PAGE),
        runs_wasm=True,
    )


def _windows(spec: AudioSpec, card: TranslatorCard) -> dict[str, int]:
    """Windows of a song, those of `WindowTranslation.with_windows`."""
    margin = inverted_margin(SourcePhase(spec))
    windows = Windows.from_context(
        WINDOW_FRAMES, context=card.context_frames + margin, multiple=card.time_multiple
    )
    return {
        "windowFrames": windows.size,
        "windowMargin": windows.margin,
        "multiple": windows.multiple,
        "margin": margin,
    }


def _tables(spec: AudioSpec) -> dict[str, np.ndarray]:
    """Arrays of the signal path, float32."""
    tables = {
        "filters": mel_matrix(spec),
        "inverse": mel_inverse(spec),
        "window": window(spec),
        "response": impulse_response(spec.sample_rate),
        # The taps of four interpolated values; those of the others are the same, moved.
        "interpolator": interpolator()[: 2 * CONTEXT + 1, :_OVERSAMPLING],
    }
    return {key: np.ascontiguousarray(table, np.float32) for key, table in tables.items()}


def _noise(noise: NoiseInput) -> dict[str, object]:
    """Input for noise, with the two words of its key."""
    key = [noise.seed & _WORD, noise.seed >> 32 & _WORD]
    return {"name": noise.name, "channels": noise.channels, "key": key}


def _about(name: str, card: ModelCard) -> Element:
    """Facts on the model and on what runs it."""
    terms = [
        ("Model", name),
        ("Family and preset", f"{card.family}, {card.preset}"),
        ("Training steps", str(card.steps)),
        ("Licence of the model", card.licence),
        ("Limits", card.limits),
        ("Runs by", f"{_RUNTIME}, under this licence:"),
    ]
    licence = asset("onnxruntime/LICENSE.txt", _PACKAGE)
    return node(
        "details",
        node("summary", "About this model"),
        definitions(terms, "facts"),
        node("pre", licence, class_="muted small"),
        class_="card",
    )


def _script(modules: Iterable[tuple[str, str]]) -> str:
    """One script of the modules of packages."""
    return bundle((module, asset(f"{module}.js", package)) for package, module in modules)


def _data(name: str, text: str, kind: str) -> Element:
    return node("script", text, type=kind, id=name)


def _vendored(name: str) -> bytes:
    return resources.files(_PACKAGE).joinpath(f"onnxruntime/{name}").read_bytes()


def _packed(content: bytes) -> bytes:
    return gzip.compress(content, _LEVEL, mtime=0)
