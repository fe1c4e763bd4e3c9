"""Page of the listening test: one HTML file, and a script with base64 FLAC for every sound.

Browsers refuse `fetch` and audio processing of files that were opened from a disk, but run scripts that
lie beside the page; as scripts, the sounds can be decoded there as on any web host.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from xml.etree import ElementTree

from pipelines.evaluation.listening.key import Key
from pipelines.evaluation.listening.questions import QUESTIONS, REGIONS
from pipelines.html.nodes import node
from pipelines.html.page import asset, document

PAGE_FILE, CLIPS = "index.html", "clips"
"""Names of the page, and of the folder of its sounds beside it."""

_SCRIPTS = ("session.js", "player.js", "clips.js", "trial.js", "keys.js", "page.js")
_PACKAGE = "pipelines.evaluation.listening"


def write_page(path: Path, key: Key, sample_rate: int) -> None:
    """Writes the page.

    Args:
        path: of the file.
        key: the test; names of systems and songs stay out of the page.
        sample_rate: of the sounds, Hz.
    """
    test = node("script", _json(_public(key, sample_rate)), id="test", type="application/json")
    body = ElementTree.fromstring(asset("page.html", _PACKAGE))
    script = "\n".join(asset(name, _PACKAGE) for name in _SCRIPTS)
    style = asset("page.css", _PACKAGE)
    title = "Listening test"
    path.write_bytes(document(title, *body, test, style=style, script=script, loads_scripts=True))


def clip_script(name: str, content: str) -> str:
    """Script that gives the page a sound: its opaque name and a FLAC file in base64."""
    return f'clip("{name}", "{content}");\n'


def _public(key: Key, sample_rate: int) -> dict[str, object]:
    """The part of a test that the page needs: opaque names, in an order that shows nothing."""
    trials = [
        {
            "name": name,
            "question": trial.question,
            "sounds": trial.sounds,
            "references": trial.references,
            "hidden": trial.hidden_reference is not None,
        }
        for name, trial in key.trials.items()
    ]
    questions = {question.key: dataclasses.asdict(question) for question in QUESTIONS}
    return {
        "test": key.test,
        "sampleRate": sample_rate,
        "regions": REGIONS,
        "questions": questions,
        "trials": trials,
    }


def _json(values: dict[str, object]) -> str:
    """JSON that cannot end the script element that contains it."""
    return json.dumps(values).replace("<", "\\u003c")
