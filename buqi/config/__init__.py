"""The training configuration: the tutorial's JSON, `#` comments and all, read into one checked object."""

from buqi.config.keys import Config, TrainingStage
from buqi.config.read import load_config, make_config
from buqi.config.rules import notes

__all__ = ["Config", "TrainingStage", "load_config", "make_config", "notes"]
