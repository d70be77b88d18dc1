"""Telling in whole sentences: what a sentence, a passage and a tweet may be, and what is never told."""
