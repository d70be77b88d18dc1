"""Blind reading: which of two ways of telling readers prefer who do not know which is which.

`sheets` writes what is read, and a key that is not; `tally` counts the verdicts. A reader sees a sheet alone. Sheet,
key and verdicts are plain files in one folder, so that anybody can read them again.
"""
