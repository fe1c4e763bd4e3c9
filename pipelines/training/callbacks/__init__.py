"""Callbacks of training, which work in `keras.Model.fit` and in `pipelines.training.trainer.Trainer`."""
