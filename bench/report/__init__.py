"""Every figure that says how good a model is, measured and put on one page: `python -m bench report`.

A measure is a file with three functions: `measure`, `section`, `criteria` (`page.Measure` says what each is given and
returns). Another one is another such file, and its line in `page.MEASURES`.
"""
