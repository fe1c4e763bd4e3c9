"""Translation of songs into the sound of a band, trained on two folders of recordings without pairs.

    import coverband

    print(coverband.survey(content="songs/", band="my_band/").songs)
    data = coverband.prepare(content="songs/", band="my_band/", out="data/")
    cover = coverband.load("runs/mine").translate("song.mp3")     # float32 [samples, channels]
    notes, drums = coverband.transcribe("song.mp3")

Everything is loaded on first use: `import coverband` itself imports neither TensorFlow nor Keras. The same is
on the command line, see `coverband --help`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coverband.api.datasets import prepare, survey
    from coverband.api.trained_model import TrainedModel, load
    from coverband.api.transcription import Drums, Notes, Transcription, transcribe
    from cyclegan.model import CycleGAN
    from pipelines.errors import UserError
    from vaegan.model import VAEGAN

    __version__: str

_MODULES = {
    "CycleGAN": "cyclegan.model",
    "Drums": "coverband.api.transcription",
    "Notes": "coverband.api.transcription",
    "TrainedModel": "coverband.api.trained_model",
    "Transcription": "coverband.api.transcription",
    "UserError": "pipelines.errors",
    "VAEGAN": "vaegan.model",
    "load": "coverband.api.trained_model",
    "prepare": "coverband.api.datasets",
    "survey": "coverband.api.datasets",
    "transcribe": "coverband.api.transcription",
}

__all__ = [
    "VAEGAN",
    "CycleGAN",
    "Drums",
    "Notes",
    "TrainedModel",
    "Transcription",
    "UserError",
    "__version__",
    "load",
    "prepare",
    "survey",
    "transcribe",
]


def __getattr__(name: str) -> Any:
    """Attribute that is imported on first use (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("coverband")
    elif name in _MODULES:
        value = getattr(importlib.import_module(_MODULES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
