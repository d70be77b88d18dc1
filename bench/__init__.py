"""Everything that says how good or how fast a model is, measured."""
