"""From a trained checkpoint to a model bundle, and the proof that the two agree."""
