"""The bot: tells an endless story one tweet at a time, with numpy and ONNX Runtime and no training code."""
