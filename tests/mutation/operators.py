"""The ways to break a program that this pass knows: each names a piece of the text and what takes its place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from tests.mutation.source import Source, Span

Change = tuple[Span, str]

COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
# Turned round, these are the negation of the condition they stand in.
COMPLEMENTS = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.BitOr: ("|", "&"),
    ast.BitAnd: ("&", "|"),
}
# Without these a file cannot even be imported, or its objects not be made: every test would say so.
STRUCTURE = {"property", "classmethod", "staticmethod", "contextmanager", "cached_property", "dataclass", "override"}
# Sentences for people: a test that pins each word of them would be a copy of them.
SENTENCES = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
LOGGERS = {"log", "logger"}


def changeable_children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the children of `node` in which a change means something."""
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        # Its words say what is wrong, to whoever reads the log.
        yield from (argument for argument in node.exc.args if not isinstance(argument, ast.Constant | ast.JoinedStr))
        return
    if is_structure(node):
        return
    for name, value in ast.iter_fields(node):
        # Types are mypy's; and in Python 3.11 what stands inside an f-string does not know its place.
        if name in {"annotation", "returns", "type_params"} or isinstance(node, ast.JoinedStr):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not is_words(node, child):
                yield child


def is_words(parent: ast.AST, child: ast.AST) -> bool:
    """Whether `child` is a docstring, a sentence, or a message of the log."""
    if isinstance(parent, ast.Expr):
        return isinstance(child, ast.Constant)
    if not isinstance(parent, ast.Call) or not isinstance(child, ast.Constant | ast.JoinedStr):
        return False
    function = parent.func
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id in LOGGERS:
        return True
    return getattr(function, "id", "") in SENTENCES


def is_structure(node: ast.AST) -> bool:
    """Whether `node` says how an object is made, as `dataclass(kw_only=True)` does."""
    return isinstance(node, ast.Call) and ast.unparse(node.func) in STRUCTURE


def changes(node: ast.AST, source: Source, *, in_function: bool) -> Iterator[Change]:
    """Yield what can be done to `node` itself; `in_function` is False for what runs when the file is imported."""
    if is_structure(node):
        return
    for kind, operator in OPERATORS:
        if isinstance(node, kind):
            yield from operator(node, source)
    if in_function:
        for kind, operator in IN_FUNCTIONS:
            if isinstance(node, kind):
                yield from operator(node, source)


def a_call_is_dropped(node: ast.Expr, source: Source) -> Iterator[Change]:
    """`limits.charge(…)` becomes `pass`."""
    if isinstance(node.value, ast.Call | ast.Await):
        yield source.span(node), "pass"


def a_statement_is_dropped(node: ast.stmt, source: Source) -> Iterator[Change]:
    """`raise …`, `continue`, `del …`, `x.y = …` become `pass`."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    local = isinstance(node, ast.Assign | ast.AugAssign) and any(isinstance(target, ast.Name) for target in targets)
    if not local:
        yield source.span(node), "pass"


def an_answer_is_none(node: ast.Return, source: Source) -> Iterator[Change]:
    """`return x` becomes `return None`, and a bare one goes on."""
    if node.value is None:
        yield source.span(node), "pass"
    elif not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield source.span(node), "return None"


def a_member_is_dropped(node: ast.ClassDef, source: Source) -> Iterator[Change]:
    """An attribute of a class is left out, or one of several bases."""
    for member in node.body:
        if isinstance(member, ast.Assign) or (isinstance(member, ast.AnnAssign) and member.value):
            yield source.span(member), "pass"
    if len(node.bases) > 1:
        end = source.span(node.body[0])[0]
        yield from dropped(node.bases, source, source.text.rindex(b")", 0, end))


def a_decorator_is_dropped(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, source: Source
) -> Iterator[Change]:
    """`@require_POST` is left out."""
    for decorator in node.decorator_list:
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        if ast.unparse(named).rpartition(".")[2] not in STRUCTURE:
            start, end = source.span(decorator)
            yield (source.text.rindex(b"@", 0, start), end), ""


def a_condition_is_negated(node: Any, source: Source) -> Iterator[Change]:
    """`if x` becomes `if not (x)`."""
    for test in node.ifs if isinstance(node, ast.comprehension) else [node.test]:
        turned = isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], COMPLEMENTS)
        if not turned and not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)):
            yield source.span(test), f"not ({source.code(test)})"


def a_side_is_dropped(node: ast.BoolOp, source: Source) -> Iterator[Change]:
    """`a and b` becomes `True and b`, `a or b` becomes `False or b`."""
    neutral = "True" if isinstance(node.op, ast.And) else "False"
    for value in node.values:
        yield source.span(value), neutral


def a_not_is_dropped(node: ast.UnaryOp, source: Source) -> Iterator[Change]:
    """`not x` becomes `(x)`."""
    if isinstance(node.op, ast.Not):
        yield source.span(node), f"({source.code(node.operand)})"


def a_comparison_is_swapped(node: ast.Compare, source: Source) -> Iterator[Change]:
    """`a < b` becomes `a <= b`, `a in b` becomes `a not in b`."""
    for (left, right), operator in zip(pairwise([node.left, *node.comparators]), node.ops, strict=True):
        between = source.span(left)[1], source.span(right)[0]
        old, new = COMPARISONS[type(operator)]
        yield between, source.read(between).replace(old, new, 1)


def a_sign_is_swapped(node: ast.BinOp, source: Source) -> Iterator[Change]:
    """`a + b` becomes `a - b`."""
    if type(node.op) in ARITHMETIC:
        between = source.span(node.left)[1], source.span(node.right)[0]
        old, new = ARITHMETIC[type(node.op)]
        yield between, source.read(between).replace(old, new, 1)


def a_constant_is_another(node: ast.Constant, source: Source) -> Iterator[Change]:
    """True becomes False, 7 becomes 8, 300 becomes 3000, and a text becomes another."""
    value = node.value
    if isinstance(value, bool):
        yield source.span(node), str(not value)
    elif isinstance(value, int | float):
        yield source.span(node), repr(value * 10 if value >= 10 else value + 1)
    elif isinstance(value, str):
        yield source.span(node), '""' if value == "mutated" else '"mutated"'


def a_text_is_another(node: ast.JoinedStr, source: Source) -> Iterator[Change]:
    """An f-string becomes another text."""
    yield source.span(node), '"mutated"'


def a_keyword_is_dropped(node: ast.Call, source: Source) -> Iterator[Change]:
    """`f(a, b=c)` becomes `f(a)`."""
    arguments = sorted([*node.args, *node.keywords], key=source.span)
    yield from (
        change
        for argument, change in zip(arguments, dropped(arguments, source, source.span(node)[1] - 1), strict=True)
        if isinstance(argument, ast.keyword)
    )


def a_call_is_unwrapped(node: ast.Call, source: Source) -> Iterator[Change]:
    """`f(x)` becomes `x`, `x.casefold()` becomes `x`."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if node.keywords or name in SENTENCES:
        return
    if len(node.args) == 1 and isinstance(node.func, ast.Name) and not isinstance(node.args[0], ast.GeneratorExp):
        yield source.span(node), f"({source.code(node.args[0])})"
    elif not node.args and isinstance(node.func, ast.Attribute):
        yield source.span(node), source.code(node.func.value)


def an_entry_is_dropped(node: ast.Dict, source: Source) -> Iterator[Change]:
    """`{"a": 1, "b": 2}` becomes `{"a": 1}`."""
    starts = [
        source.span(key)[0] if key else source.text.rindex(b"**", 0, source.span(value)[0])
        for key, value in zip(node.keys, node.values, strict=True)
    ]
    for start, end in pairwise([*starts, source.span(node)[1] - 1]):
        yield (start, end), ""


def an_element_is_dropped(node: ast.List | ast.Set | ast.Tuple, source: Source) -> Iterator[Change]:
    """`[a, b]` becomes `[a]`. A tuple without parentheses is an unpacking, which needs each."""
    start, end = source.span(node)
    if isinstance(node, ast.Tuple) and len(node.elts) == 2 and source.text[start : start + 1] == b"(":
        for element in node.elts:
            yield (start, end), f"({source.code(element)},)"
    elif not isinstance(node, ast.Tuple) or source.text[start : start + 1] == b"(":
        yield from dropped(node.elts, source, end - 1)


def an_exception_is_not_handled(node: ast.ExceptHandler, source: Source) -> Iterator[Change]:
    """What an `except` does becomes `raise`."""
    yield (source.span(node.body[0])[0], source.span(node.body[-1])[1]), "raise"


def a_context_is_left_out(node: ast.With, source: Source) -> Iterator[Change]:
    """`with transaction.atomic():` becomes `if True:`."""
    if not any(item.optional_vars for item in node.items):
        yield (source.span(node)[0], source.span(node.items[-1].context_expr)[1]), "if True"


def two_calls_change_places(node: ast.AST, source: Source) -> Iterator[Change]:
    """`delete(); revoke()` becomes `revoke(); delete()`."""
    for block in (getattr(node, "body", []), getattr(node, "orelse", []), getattr(node, "finalbody", [])):
        for one, other in pairwise(block) if isinstance(block, list) else ():
            if all(isinstance(each, ast.Expr) and isinstance(each.value, ast.Call) for each in (one, other)):
                span = source.span(one)[0], source.span(other)[1]
                between = source.read((source.span(one)[1], source.span(other)[0]))
                yield span, source.code(other) + between + source.code(one)


def dropped(nodes: Sequence[ast.AST], source: Source, end: int) -> Iterator[Change]:
    """Yield the change that leaves out each of `nodes`, which stand between commas up to `end`."""
    for start, following in pairwise([*(source.span(node)[0] for node in nodes), end]):
        yield (start, following), ""


Operator = Callable[[Any, Source], Iterator[Change]]
BLOCKS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.If, ast.With, ast.Try, ast.For, ast.ExceptHandler)
OPERATORS: list[tuple[Any, Operator]] = [
    (ast.ClassDef, a_member_is_dropped),
    (ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, a_decorator_is_dropped),
    (ast.If | ast.IfExp | ast.While | ast.comprehension | ast.Assert, a_condition_is_negated),
    (ast.BoolOp, a_side_is_dropped),
    (ast.UnaryOp, a_not_is_dropped),
    (ast.Compare, a_comparison_is_swapped),
    (ast.BinOp, a_sign_is_swapped),
    (ast.Constant, a_constant_is_another),
    (ast.JoinedStr, a_text_is_another),
    (ast.Call, a_keyword_is_dropped),
    (ast.Call, a_call_is_unwrapped),
    (ast.Dict, an_entry_is_dropped),
    (ast.List | ast.Set | ast.Tuple, an_element_is_dropped),
    (BLOCKS, two_calls_change_places),
]
IN_FUNCTIONS: list[tuple[Any, Operator]] = [
    (ast.Expr, a_call_is_dropped),
    (ast.Raise | ast.Continue | ast.Break | ast.Delete | ast.Assign | ast.AugAssign, a_statement_is_dropped),
    (ast.Return, an_answer_is_none),
    (ast.ExceptHandler, an_exception_is_not_handled),
    (ast.With, a_context_is_left_out),
]
