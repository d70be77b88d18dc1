"""Everything that can go wrong while exporting, each with one clear sentence.

ExportError
├── InputError          what the user gave cannot be used: a file, an option, a name
├── QuantizationError   rounding the weights changed what the model says
└── ParityError         ONNX Runtime and PyTorch part
"""


class ExportError(Exception):
    """The root of all errors of this package."""


class InputError(ExportError):
    """What the user gave cannot be used; the sentence says what and why."""


class QuantizationError(ExportError):
    """A quantized graph is too far from the graph that it was made from."""


class ParityError(ExportError):
    """A graph and the checkpoint that it was made from give different numbers."""
