"""What a token, a tweet, a cold start and a month cost: `python -m bench all`, on one page, in one run on one machine.

A measure is a file with three functions: `measure`, `section`, `criteria` (`page.Measure` says what each is given and
returns). Another one is another such file, and its line in `page.MEASURES`.
"""
