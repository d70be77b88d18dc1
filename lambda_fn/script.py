"""The command `endless-novel`, as an installation has it: what `python -m lambda_fn` does."""

from lambda_fn.entrance import guard


def main() -> int:
    """Run one command; returns the exit status."""
    guard("install endless-novel anew")
    from lambda_fn.__main__ import main as run  # now that an interruption and a missing package are seen to

    return run()
