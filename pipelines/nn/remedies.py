"""Advice of a model family on findings of the health checks."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Remedies:
    """Sentences for each kind of finding; settings are named as --set takes them.

    Attributes:
        muting: for translations that are nearly silent.
        too_loud: for translations that are far too loud.
        identity: for translations that are nearly their sources.
        collapse: for different songs that come out nearly the same.
        discriminator: for a discriminator that tells every translation from the band.
        discriminators: names of the discriminators' losses in what `train_step` returns; a loss is 0 when its
            discriminator is always right.
    """

    muting: str
    too_loud: str
    identity: str
    collapse: str
    discriminator: str = ""
    discriminators: tuple[str, ...] = ()
