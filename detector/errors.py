"""Errors whose text is meant for the person in front of the screen."""

from __future__ import annotations


class LooktwiceError(Exception):
    """Something the user can understand and act on; its text is one sentence that names the thing and the way out."""


class SourceError(LooktwiceError):
    """A frame source cannot be opened or read."""


class NotDividedError(SourceError):
    """A video's frames cannot be counted from its middle; from its beginning they can."""


class WeightsError(LooktwiceError):
    """A weights file is missing, damaged or made for another network."""


class ModelError(LooktwiceError):
    """A loaded model failed while it looked at a frame."""


class DataSetError(LooktwiceError):
    """A data set for training or evaluation cannot be used."""


class OptionError(LooktwiceError):
    """A setting, name or threshold that does not exist or is out of range."""


class OutputError(LooktwiceError):
    """Results cannot be written."""
