"""From Project Gutenberg to a trained checkpoint: corpus → tokenizer → fit."""
