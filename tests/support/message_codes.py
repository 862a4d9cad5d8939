"""Message codes that the source uses, found by syntax.

A code is a constant passed where a parameter is called ``code`` (of a function or of a class).
Codes are also composed: ``f"done-{…}"`` makes the family ``done-``, ``f"{code}-far"`` the ending ``-far``.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import signage

PACKAGE = Path(signage.__file__).parent
VERIFIER = "evidence/bundle/verifier.py"
"""Stands alone in every bundle, so it has its own messages."""
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+\Z")
_FAMILY, _ENDING = re.compile(r"[a-z][a-z-]*-\Z"), re.compile(r"[a-z]*-[a-z-]*[a-z]\Z")


def _list_trees() -> list[tuple[str, ast.Module]]:
    paths = sorted(PACKAGE.rglob("*.py"))
    trees = [(path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text("utf-8"))) for path in paths]
    return [(path, tree) for path, tree in trees if path != VERIFIER]


TREES = _list_trees()


def find_codes() -> dict[str, str]:
    """Return every code passed as a ``code`` argument, with one file that does it."""
    takers = set(_find_takers())
    found: dict[str, str] = {}
    for path, tree in TREES:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                for code in _find_code_arguments(node, takers):
                    found.setdefault(code, path)
    return found


def find_constants() -> set[str]:
    """Return every string of the source and the templates that could be a code or a part of one."""
    constants = {
        str(node.value)
        for _, tree in TREES
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int)
    }
    for path in (*PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.js")):
        constants |= set(re.findall(r"""["']([a-z0-9-]+)["']""", path.read_text("utf-8")))
    return constants


def find_affixes() -> tuple[set[str], set[str]]:
    """Return the families (``done-``) and the endings (``-far``) of composed codes."""
    families, endings = set(), set()
    for _, tree in TREES:
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                first, last = _get_text(node.values[0]), _get_text(node.values[-1])
            elif isinstance(node, ast.BinOp):
                first, last = _get_text(node.left), _get_text(node.right)
            else:
                continue
            families |= {first} if _FAMILY.match(first) else set()
            endings |= {last} if _ENDING.match(last) else set()
    return families, endings


def _get_text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def find_calls_with_facts() -> Iterator[tuple[str, str, set[str]]]:
    """Yield each ``refuse("code", …, name=…)`` that names its facts one by one: file, code, names."""
    for path, tree in TREES:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "refuse":
                code = node.args[0] if node.args else None
                if isinstance(code, ast.Constant) and all(keyword.arg for keyword in node.keywords):
                    yield path, code.value, {keyword.arg for keyword in node.keywords if keyword.arg} - {"key"}


def _find_takers() -> Iterator[tuple[str, int]]:
    """Yield the functions and classes with a parameter or a field called ``code``, and its position."""
    for _, tree in TREES:
        for node in ast.walk(tree):
            for names in _list_signatures(node):
                if "code" in names:
                    yield node.name, names.index("code")


def _list_signatures(node: ast.AST) -> Iterator[list[str]]:
    if isinstance(node, ast.FunctionDef):
        yield [arg.arg for arg in (*node.args.posonlyargs, *node.args.args) if arg.arg not in ("self", "cls")]
    elif isinstance(node, ast.ClassDef):
        yield [f.target.id for f in node.body if isinstance(f, ast.AnnAssign) and isinstance(f.target, ast.Name)]
        for method in node.body:
            if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                yield [arg.arg for arg in (*method.args.posonlyargs, *method.args.args)[1:]]


def _find_code_arguments(call: ast.Call, takers: set[tuple[str, int]]) -> Iterator[str]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    arguments = [argument for number, argument in enumerate(call.args) if (name, number) in takers]
    arguments += [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    for argument in arguments:
        composed = {part for node in ast.walk(argument) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(argument):
            if isinstance(node, ast.Constant) and node not in composed and CODE.match(str(node.value)):
                yield str(node.value)
