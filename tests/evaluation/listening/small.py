"""A small evaluation with audio, its listening test, and answers to it."""

import json

import numpy as np
import soundfile

from pipelines.evaluation.listening.writer import write_listening_test
from pipelines.evaluation.results import EvaluatedSong
from tests.evaluation import reports

RATE = reports.RATE
SECONDS = 3.0
SONGS = ("allegro", "<b>blues</b> & \udcff", "coda")
SYSTEMS = {"copy the source": "baseline", "EQ match": "baseline", "mine": "model"}
PARTICIPANTS = ("a" * 16, "b" * 16, "c" * 16)


def tone(hertz, level=0.1, seconds=SECONDS):
    """A sine of a frequency."""
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def evaluation(folder, seconds=SECONDS):
    """Three songs by three systems; the first two songs have their truth. "mine" lacks the last one.

    A fourth song, of the band, is played by two upper bounds only.
    """
    songs, audio = [], {name: {} for name in SYSTEMS}
    for number, name in enumerate(SONGS):
        versions = {**SYSTEMS, "truth": ""}
        for place, version in enumerate(versions):
            path = f"audio/{place}-{number}.ogg"
            (folder / "audio").mkdir(exist_ok=True)
            soundfile.write(
                folder / path, tone(300 + 100 * place + 10 * number, 0.05 + 0.2 * place, seconds), RATE
            )
            if version in audio:
                audio[version][name] = path
        truth = path if number < 2 else None
        songs.append(EvaluatedSong(name, seconds, audio["copy the source"][name], truth))
    del audio["mine"][SONGS[2]]
    rows = [
        reports.row(f"key of {name}", kind, {}, name=name, audio=audio[name])
        for name, kind in SYSTEMS.items()
    ]
    of_band = EvaluatedSong("band song", seconds, path)
    bounds = [
        reports.row(f"bound-{n}", "bound", {}, audio={of_band.name: f"audio/{n}-0.ogg"}) for n in (1, 2)
    ]
    return reports.evaluation([*rows, *bounds], songs=[*songs, of_band])


def band(count=3):
    """Readers of the band's songs."""
    return [lambda hertz=900 + 50 * number: tone(hertz, seconds=4.0) for number in range(count)]


def write_test(folder, **options):
    """A listening test in `folder`/test; returns the page."""
    (folder / "evaluation").mkdir()
    made = evaluation(folder / "evaluation")
    return write_listening_test(made, folder / "evaluation", folder / "test", band(), **options)


def answers(key, participant, rating):
    """Values of a participant's file, rated by a function of trial and sound."""
    trials = [
        {
            "trial": name,
            "question": trial.question,
            "practice": False,
            "order": list(trial.sounds),
            "ratings": {sound: rating(trial, sound) for sound in trial.sounds},
        }
        for name, trial in key.trials.items()
    ]
    practice = {**trials[0], "practice": True, "ratings": dict.fromkeys(trials[0]["ratings"], 1)}
    head = {"format": "coverband-listening-results", "version": 1, "test": key.test}
    return {**head, "participant": participant, "trials": [practice, *trials]}


def save(path, values):
    """Writes a participant's file."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(values))
    return path
