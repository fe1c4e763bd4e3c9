"""Event files that TensorFlow writes, read without it."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from coverband.studio import speed
from coverband.studio.event_files import EventLog


def write(folder: Path, steps: range, scale: float = 1.0) -> None:
    writer = tf.summary.create_file_writer(str(folder))
    for step in steps:
        with writer.as_default(step=step):
            tf.summary.scalar("run/steps_per_second", scale * step)
            tf.summary.text("health/findings", f"- **muting**: at {step}")
            tf.summary.audio("preview/translation", np.zeros((2, 100, 1), np.float32), 1000, max_outputs=2)
    writer.close()


def test_what_was_written_is_read_and_more_of_it_later(tmp_path: Path):
    log = EventLog(tmp_path / "logs")
    log.update()
    assert not log.scalars
    write(tmp_path / "logs", range(3))
    log.update()
    assert log.scalars["run/steps_per_second"] == {0: 0.0, 1: 1.0, 2: 2.0}
    assert log.texts == {"health/findings": "- **muting**: at 2"}
    assert sorted(log.times) == [0, 1, 2]
    sounds = log.media["preview/translation"][2].values("preview/translation")
    assert [sound[:4] for sound in sounds if sound] == [b"RIFF", b"RIFF"]
    write(tmp_path / "logs", range(2, 4), 10.0)
    log.update()
    assert log.scalars["run/steps_per_second"] == {0: 0.0, 1: 1.0, 2: 20.0, 3: 30.0}


def test_an_incomplete_record_is_read_when_it_is_complete(tmp_path: Path):
    write(tmp_path / "whole", range(2))
    (file,) = (tmp_path / "whole").iterdir()
    content = file.read_bytes()
    (tmp_path / "part").mkdir()
    log, part = EventLog(tmp_path / "part"), tmp_path / "part" / file.name
    for length in range(0, len(content), 37):
        part.write_bytes(content[:length])
        log.update()
    part.write_bytes(content)
    log.update()
    assert log.scalars["run/steps_per_second"] == {0: 0.0, 1: 1.0}
    assert len(log.media["preview/translation"]) == 2


def test_the_speed_is_the_median_of_the_newest_run_without_its_first_value(tmp_path: Path):
    assert speed.measured([tmp_path / "none"]) is None
    write(tmp_path / "a/logs", range(4))
    assert speed.measured([tmp_path / "a", tmp_path / "none"]) == 2
