"""Every figure that says how good a model is, measured and put on one page: `python -m bench report`."""
