"""Mutants of an answer: its source with one operator, index, bound, constant, order or line changed."""

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Iterator

OPERATORS = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
}
COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}


def mutants(function: Callable) -> Iterator[tuple[str, Callable]]:
    """Each mutant of a function, with what was changed in it, as “before → after, line”."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    namespace = function.__globals__
    seen = {ast.unparse(tree)}
    for number, node in enumerate(ast.walk(tree)):
        for how in range(len(list(_changes(node)))):
            mutated = copy.deepcopy(tree)
            target = next(part for i, part in enumerate(ast.walk(mutated)) if i == number)
            before = ast.unparse(target)
            list(_changes(target))[how]()
            ast.fix_missing_locations(mutated)
            source = ast.unparse(mutated)
            if source in seen:
                continue
            seen.add(source)
            try:
                code = compile(mutated, f"<mutant of {function.__name__}>", "exec")
            except SyntaxError:
                continue
            local: dict = {}
            exec(code, namespace, local)
            after = ast.unparse(target)
            yield f"{_short(before)} → {_short(after)}", local[function.__name__]


def _short(source: str) -> str:
    return " ".join(source.split())[-70:]


def _changes(node: ast.AST) -> Iterator[Callable[[], None]]:
    """Ways to change one node in place."""
    if isinstance(node, ast.BinOp):
        for other in OPERATORS.get(type(node.op), ()):
            yield lambda other=other: setattr(node, "op", other())
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        yield lambda: node.ops.__setitem__(0, COMPARISONS[type(node.ops[0])]())
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield lambda: setattr(node, "value", node.value + 1)
        yield lambda: setattr(node, "value", node.value - 1)
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield lambda: setattr(node, "value", not node.value)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield lambda: setattr(node, "op", ast.UAdd())
    elif isinstance(node, ast.Slice):
        for bound in ("lower", "upper"):
            if getattr(node, bound) is not None:
                yield lambda bound=bound: setattr(node, bound, _plus(getattr(node, bound), 1))
                yield lambda bound=bound: setattr(node, bound, None)
    elif isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.ctx, ast.Load):
        yield lambda: node.elts.reverse()
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id == "range":
            yield lambda: node.args.__setitem__(-1, _plus(node.args[-1], -1))
            if len(node.args) == 1:
                yield lambda: node.args.insert(0, ast.Constant(1))
        elif len(node.args) == 2 and not any(isinstance(each, ast.Starred) for each in node.args):
            yield lambda: node.args.reverse()
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        yield lambda: setattr(node, "op", ast.Sub())
    elif isinstance(node, (ast.For, ast.While)):
        yield lambda: node.body.append(ast.Break())
        if len(node.body) > 1:
            yield lambda: node.body.pop()
    elif isinstance(node, ast.FunctionDef) and len(node.body) > 2:
        for i in range(len(node.body) - 1):
            yield lambda i=i: node.body.insert(i, node.body.pop(i + 1))


def _plus(node: ast.expr, number: int) -> ast.expr:
    return ast.BinOp(node, ast.Add() if number > 0 else ast.Sub(), ast.Constant(abs(number)))
