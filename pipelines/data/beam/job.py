"""Configuration of a Beam job."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Job:
    """Runner and options of a Beam job that prepares songs.

    Attributes:
        runner: its name in Beam, such as "DirectRunner".
        options: of Beam, each "name=value" or "name".
        jobs: number of processes of the direct runner; other runners have an option for it.
    """

    runner: str
    options: tuple[str, ...]
    jobs: int

    @property
    def flags(self) -> list[str]:
        """Command line for Beam's option parser."""
        return [f"--direct_num_workers={self.jobs}", *(f"--{option}" for option in self.options)]
