"""Real peers on this machine, for tests and measurements: a local X, S3 and SSM, Lambda's emulator."""
