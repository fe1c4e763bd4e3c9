"""`python -m tools benchmark speed` in one process, which saves the start of several.

Other tests cover memory per process, PyTorch and the translation of songs.
"""

from pipelines import console
from pipelines.data import worker_pool
from tools.benchmarks import pytorch
from tools.benchmarks.speed import command, translating

if __name__ == "__main__":
    worker_pool.run = lambda function, tasks, jobs: ((task, function(task)) for task in tasks)
    pytorch.MODULES = {}
    translating._command = lambda model, song, target: None
    console.run(command.main)
