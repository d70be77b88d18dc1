"""The arrows between the packages: each imports from those that it may know, and nothing from the others."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_KNOW = {
    "lambda_fn": set(),
    "train": set(),
    "export": {"train", "lambda_fn"},
    "deploy": {"lambda_fn"},
    "peers": {"lambda_fn"},
    "bench": {"train", "export", "lambda_fn", "deploy", "peers"},
}
OURS = {*MAY_KNOW, "tests"}


def imported(module: Path) -> set[str]:
    """The packages of ours that a module imports from, anywhere in it, or has imported by name."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        match node:
            case ast.Import():
                found |= {alias.name.partition(".")[0] for alias in node.names}
            case ast.ImportFrom():
                found.add(str(node.module).partition(".")[0])
            case ast.Constant(value=str(text)) if text.replace(".", "_").isidentifier() and "." in text:
                found.add(text.partition(".")[0])
    return found & OURS


@pytest.mark.parametrize("package", MAY_KNOW)
def test_a_package_imports_only_from_those_that_it_may_know(package: str) -> None:
    known = {package, *MAY_KNOW[package]}
    strays = {str(path.relative_to(ROOT)): imported(path) - known for path in (ROOT / package).rglob("*.py")}
    assert {path: stray for path, stray in strays.items() if stray} == {}
