"""Prepares the batches of training runs, on as many machines as you like: a tf.data service.

    coverband data-worker --port 5000                              # once: the dispatcher, who deals out the work
    coverband data-worker --port 5001 --dispatcher host:5000       # on every machine that is to help: a worker
    coverband train vaegan --data data/ --workdir runs/mine --data_service host:5000

A run learns the same as without it: every batch is what it would be, and comes in its turn. Workers may come
and go while it trains. They need the data folder, and what is kept beside it, at the same path as the run.
Whoever reaches these ports can have them read any file: keep them inside a network that you trust.
"""

from __future__ import annotations

from absl import flags

from coverband import data_service
from pipelines import console
from pipelines.training import addresses

PORT = flags.DEFINE_integer("port", 5000, "To listen at.", lower_bound=1, upper_bound=65535)
DISPATCHER = flags.DEFINE_string(
    "dispatcher", None, "host:port of the dispatcher, for whom this is to be a worker (default: none, be it)."
)
HOST = flags.DEFINE_string(
    "host",
    None,
    "The name by which training reaches this worker (default: localhost if the dispatcher is there, else "
    "this machine's name).",
)
WAIT = flags.DEFINE_float("wait", 300.0, "Seconds that a worker waits for the dispatcher.", lower_bound=0.0)


def main(argv: list[str]) -> None:
    """Serves until it is told to stop."""
    console.require_no_arguments(argv)
    if DISPATCHER.value is None:
        data_service.dispatch(PORT.value)
    else:
        data_service.work(
            addresses.parsed("dispatcher", DISPATCHER.value), HOST.value, PORT.value, WAIT.value
        )


if __name__ == "__main__":
    console.run(main)
