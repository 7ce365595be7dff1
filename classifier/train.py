"""The door to training: ``python -m classifier.train`` and `train`, the function for programs."""

from classifier.training.train import train

__all__ = ["train"]

if __name__ == "__main__":
    from classifier.cli import train as command

    command(prog_name="python -m classifier.train")
