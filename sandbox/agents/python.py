"""Writes a Python function and its unittest from `name(args) returns EXPR`."""

import ast
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Function:
    """A function of one expression, known to parse."""

    name: str
    arguments: tuple[str, ...]
    expression: str


def with_function(text: str, asked: str) -> str:
    """Give the module's text with the function at its end, unless it has one of that name; SyntaxError as Python."""
    function = read(asked)
    if any(isinstance(node, ast.FunctionDef) and node.name == function.name for node in ast.parse(text).body):
        return text
    gap = "\n\n" if text.strip() else ""
    return f"{text.rstrip()}\n{gap}".lstrip("\n") + (
        f"def {function.name}({', '.join(function.arguments)}):\n"
        f'    """Return the value of {function.name} for what it is given."""\n'
        f"    return {function.expression}\n"
    )


def with_test(text: str, module: Path, asked: str) -> str:
    """Give the test module's text with a test of the function, unless it is there."""
    function = read(asked)
    case = "Test" + "".join(word.capitalize() for word in function.name.split("_"))
    if f"class {case}(" in text:
        return text
    path = ".".join(module.with_suffix("").parts)
    text = text if text.strip() else f'"""What {path} promises."""\n\nimport unittest\n\nimport {path}\n'
    for line in ("import unittest", f"import {path}"):
        text = _with_import(text, line)
    return f"{text.rstrip()}\n\n\n" + _test(case, path, function)


def read(asked: str) -> Function:
    """Read `name(args) returns EXPR`; SyntaxError when it would not make a function of plain arguments."""
    signature, returns, expression = asked.strip().partition(" returns ")
    if not returns:
        raise SyntaxError("it has no `name(args) returns EXPR`")
    parsed = ast.parse(f"def {signature}: return ({expression})").body
    ast.parse(expression, mode="eval")
    function = parsed[0]
    if len(parsed) != 1 or not isinstance(function, ast.FunctionDef):
        raise SyntaxError("it is more than one function")
    return Function(function.name, tuple(argument.arg for argument in function.args.args), expression.strip())


def _test(case: str, path: str, function: Function) -> str:
    values = [f"        {name} = {number}\n" for number, name in enumerate(function.arguments, start=2)]
    called = f"{path}.{function.name}({', '.join(function.arguments)})"
    return (
        f"class {case}(unittest.TestCase):\n"
        f'    """The promise of {function.name}."""\n\n'
        f"    def test_{function.name}_returns_what_was_asked(self):\n"
        f"{''.join(values)}"
        f"        self.assertEqual({called}, {function.expression})\n"
    )


def _with_import(text: str, line: str) -> str:
    lines = text.splitlines(keepends=True)
    if f"{line}\n" in lines:
        return text
    before = [node for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom) or _is_docstring(node)]
    place = (before[-1].end_lineno or 0) if before else 0
    return "".join([*lines[:place], f"{line}\n", *lines[place:]])


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
