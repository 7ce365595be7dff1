"""The door to training: ``python -m classifier.train`` and `train`, the function for programs."""

from classifier.errors import require_package

if __name__ == "__main__":  # before scikit-learn is needed: --help works without it
    from classifier.cli.train import train as command

    command(prog_name="python -m classifier.train")
else:
    require_package("training and evaluation", "train", "joblib", "scipy", "sklearn")
    from classifier.training.train import train

    __all__ = ["train"]
