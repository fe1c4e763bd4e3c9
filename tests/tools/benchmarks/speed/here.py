"""`python -m tools benchmark speed` in one process, for each that starts takes seconds.

What a process of its own holds, what PyTorch does, and how songs are translated, is shown elsewhere.
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
