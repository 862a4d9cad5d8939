"""The glossary names what the code has."""

import ast
import re
from pathlib import Path

import signage

PACKAGE = Path(signage.__file__).parent
GLOSSARY = (PACKAGE.parent / "docs" / "glossary.md").read_text("utf-8")


def test_every_term_of_the_code_is_defined_there():
    section = GLOSSARY.partition("## Terms of the code")[2]
    rows = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    terms = {term for row in rows for term in re.findall(r"`(\w+)`", row)}
    assert len(terms) > 50
    defined = {path.stem for path in PACKAGE.rglob("*.py")}
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        defined |= {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    assert terms - defined == set()
