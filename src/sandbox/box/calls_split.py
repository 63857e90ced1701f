"""Tests taken apart, in a run of its own that sees no program: calls.py is before this."""


def free_names(node, known, ast):
    """Names in an expression that it does not bind itself and that Python does not know."""
    used, bound = set(), set(known)
    for n in ast.walk(node):
        if isinstance(n, ast.Name):
            (used if isinstance(n.ctx, ast.Load) else bound).add(n.id)
        elif isinstance(n, ast.arg):
            bound.add(n.arg)
    return used - bound


def root_of(node, ast):
    """The name that an expression like f(x).y[0] begins with."""
    while isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def asks_nothing(tree, ast):
    """Every name in it is the test's own."""
    used, own = set(), set()
    for n in ast.walk(tree):
        if isinstance(n, ast.Name):
            (used if isinstance(n.ctx, ast.Load) else own).add(n.id)
        elif isinstance(n, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            own.add(n.name)
        elif isinstance(n, ast.arg):
            own.add(n.arg)
        elif isinstance(n, (ast.Import, ast.ImportFrom)):
            modules = [n.module] if isinstance(n, ast.ImportFrom) else [a.name for a in n.names]
            if 'main' in modules or 'solution' in modules:
                return False
            own.update((a.asname or a.name).split('.')[0] for a in n.names)
    return '*' not in own and not used - own


def sides(test, ast):
    """The call of an assert, its value's node and how to compare, where one side is to be asked of the program and the
    other is a value; None: the test is a program of its own."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand, False, '='
    if isinstance(test, (ast.Call, ast.Name, ast.Attribute, ast.Subscript)):
        return test, True, '='
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    right = test.comparators[0]
    if isinstance(test.ops[0], ast.Is):
        plain = isinstance(right, ast.Constant) and (right.value is None or isinstance(right.value, bool))
        return (test.left, right, '!') if plain else None
    return (test.left, right, '=') if isinstance(test.ops[0], ast.Eq) else None


def split_one(text, names, ast):
    """A test as (how, call, expected text, expected type); how 'T': a program of its own, `call` is its text.
    ValueError says what is wrong with it."""
    tree = ast.parse(text, '<test>')
    compile(tree, '<test>', 'exec', 0, True)
    if not tree.body:
        raise ValueError('there is no statement in it')
    if asks_nothing(tree, ast):
        raise ValueError('the test asks nothing of the program')
    own = 'T', text, '', ''
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.Assert):
        return own
    found = sides(tree.body[0].test, ast)
    if not found:
        return own
    left, right, how = found
    libraries = set(names) - set(vars(names['__builtins__']))
    if right is True or right is False:
        root, free = root_of(left, ast), free_names(left, names, ast)
        if root is None or root not in free - JUDGES or any(isinstance(n, ast.Name) and n.id in libraries for n in ast.walk(left)):
            return own
        return (how, ('not not (' if right else 'not (') + ast.get_source_segment(text, left) + '\n)') + value_text(True)
    free = [free_names(side, names, ast) for side in (left, right)]
    if free[0] and free[1]:
        return own
    if free[1] or (not free[0] and not isinstance(left, ast.Call) and isinstance(right, ast.Call)):
        left, right = right, left
    if any(isinstance(n, ast.Name) and n.id in libraries | JUDGES for n in ast.walk(left)):
        return own
    try:
        value = eval(compile(ast.Expression(right), '<expected>', 'eval'), dict(names))
    except Exception as e:
        raise ValueError('the expected value cannot be computed: %s: %s' % (type(e).__name__, e))
    word, kind = value_text(value)
    return (how, ast.get_source_segment(text, left), word, kind) if word is not None else own


def split_all():
    """Tests on stdin, each followed by a NUL; of each four fields, each followed by a NUL: how to
    compare ('=' equal, '!' also of the same type, 'T' a program of its own, 'E' no test: the next field
    says why), the call, the expected value, its type."""
    import ast, builtins, collections, functools, itertools, math, os
    texts = read_call(0)
    names = dict(vars(builtins), __builtins__=builtins)
    names.update((m.__name__, m) for m in (math, collections, itertools, functools))
    names.update((n, getattr(collections, n)) for n in ('Counter', 'OrderedDict', 'defaultdict', 'deque'))
    for n in 'fractions', 'decimal', 'datetime':      # only where a test has the word: importing them takes a while
        kind = n[:-1].capitalize() if n == 'fractions' else n.capitalize()
        if n.encode() in texts or kind.encode() in texts:
            names[n] = __import__(n)
            names.update({kind: getattr(names[n], kind)} if n != 'datetime' else {})
    out = []
    for text in texts.split(b'\0')[:-1]:
        try:
            text = text.decode().rstrip()
            if text[:1].isspace():
                import textwrap
                text = textwrap.dedent(text)
            out += split_one(text, names, ast)
        except (ValueError, SyntaxError, RecursionError, MemoryError) as e:
            words = e.msg if isinstance(e, SyntaxError) else str(e) or type(e).__name__
            if isinstance(e, SyntaxError) and e.lineno:
                words += ' (line %d)' % e.lineno
            out += 'E', words, '', ''
    data = ('\0'.join(out) + '\0').encode('utf-8', 'backslashreplace')
    while data:
        data = data[os.write(1, data):]
