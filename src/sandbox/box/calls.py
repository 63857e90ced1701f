"""Function-call tests: the values that calls give, as text, and asserts taken apart.

encode writes plain data so that two values are equal in Python exactly if their texts are the same
bytes: 1, 1.0 and True are `1`; elements of sets and items of dicts are sorted by their texts.  It is
JSON: lists are arrays, and what JSON has not is an object of one member,
  {"tuple": [...]}  {"set": [...]}  {"dict": [[key, value], ...]}  {"bytes": "hex"}
  {"int": "0x..."} (many digits)  {"float": "inf" | "-inf" | "nan"}  {"str": [code points]} (lone surrogates)
Only values of exactly these types are plain, and the library's Counter, OrderedDict and defaultdict,
which compare as dicts.  Everything used here is bound before a guest's first instruction."""


def _make():
    import os, sys, _json
    from collections import Counter, OrderedDict, defaultdict
    quote, write, limit = _json.encode_basestring_ascii, os.write, sys.setrecursionlimit
    digits = sys.set_int_max_str_digits if hasattr(sys, 'set_int_max_str_digits') else None
    NoneType = type(None)
    dicts = dict, Counter, OrderedDict, defaultdict
    items, bits, integral, encoded = dict.items, int.bit_length, float.is_integer, str.encode
    tohex, join, shown, kind = bytes.hex, str.join, repr, type
    most_nodes, most_depth = 1 << 20, 100
    _len, _map, _int, _str, _float, _bool, _list, _tuple, _bytes, _hex, _sorted, _ord = (
        len, map, int, str, float, bool, list, tuple, bytes, hex, sorted, ord)
    sets, Error = (set, frozenset), UnicodeEncodeError

    class Refused(BaseException):
        def __init__(self, why):
            self.why = why

    def encode(value, left, depth):
        t = kind(value)
        left[0] -= 1
        if left[0] < 0:
            raise Refused('size')
        if depth > most_depth:
            raise Refused('depth')
        if t is NoneType:
            return 'null'
        if t is _bool:
            return '1' if value else '0'
        if t is _float:
            if value != value:
                return '{"float": "nan"}'
            if value - value != 0:
                return '{"float": "inf"}' if value > 0 else '{"float": "-inf"}'
            if not integral(value):
                return shown(value)
            value, t = _int(value), _int
        if t is _int:
            return shown(value) if bits(value) <= 2000 else '{"int": "' + _hex(value) + '"}'
        if t is _str:
            left[0] -= _len(value) >> 4
            try:
                encoded(value)
            except Error:
                return '{"str": [' + join(', ', [shown(_ord(c)) for c in value]) + ']}'
            return quote(value)
        if t is _bytes:
            left[0] -= _len(value) >> 4
            return '{"bytes": "' + tohex(value) + '"}'
        if t is _list:
            return '[' + join(', ', [encode(v, left, depth + 1) for v in value]) + ']'
        if t is _tuple:
            return '{"tuple": [' + join(', ', [encode(v, left, depth + 1) for v in value]) + ']}'
        if t in sets:
            return '{"set": [' + join(', ', _sorted([encode(v, left, depth + 1) for v in value])) + ']}'
        if t in dicts:
            pairs = [(encode(k, left, depth + 1), encode(v, left, depth + 1)) for k, v in items(value)]
            return '{"dict": [' + join(', ', ['[' + k + ', ' + v + ']' for k, v in _sorted(pairs)]) + ']}'
        raise Refused('type')

    def value_text(value):
        """(text, name of its type), or (None, why it is not plain: type, depth or size)."""
        try:
            return encode(value, [most_nodes], 0), kind(value).__name__
        except Refused as e:
            return None, e.why

    def answer(value, fd):
        limit(1000)
        if digits:
            digits(4300)
        text, word = value_text(value)
        line = ('{"refused": "' + word + '"}\n' if text is None else
                '{"value": ' + text + ', "type": "' + word + '"}\n')
        line = encoded(line)
        while line:
            line = line[write(fd, line):]

    return value_text, answer


value_text, answer = _make()


def call_code(text):
    """The call that came on standard input, compiled."""
    return compile(b'(' + text + b'\n)', '<call>', 'eval', 0, True)


def read_all(fd):
    import os
    parts = []
    while part := os.read(fd, 1 << 16):
        parts.append(part)
    return b''.join(parts)


def cold_call():
    """Without a zygote: main.py as a module, then the call; the answer goes where stdout was."""
    import os, sys, types
    call, fd = call_code(read_all(0)), os.dup(1)
    os.dup2(2, 1)
    main = sys.modules['main'] = types.ModuleType('main')
    main.__file__ = sys.argv[0] = 'main.py'
    with open('main.py', 'rb') as f:
        code = compile(f.read(), 'main.py', 'exec', 0, True)
    exec(code, main.__dict__)
    answer(eval(call, main.__dict__), fd)


def free_names(node, known, ast):
    """Names in an expression that it does not bind itself and that Python does not know."""
    used, bound = set(), set(known)
    for n in ast.walk(node):
        if isinstance(n, ast.Name):
            (used if isinstance(n.ctx, ast.Load) else bound).add(n.id)
        elif isinstance(n, ast.arg):
            bound.add(n.arg)
    return used - bound


def split_one(text, names, ast):
    """An assert as (how, call, expected text, expected type); ValueError says what it should be."""
    def source(node):
        return ast.get_source_segment(text, node)

    body = ast.parse(text).body
    if len(body) != 1 or not isinstance(body[0], ast.Assert):
        raise ValueError('expected one assert statement')
    test = body[0].test
    if isinstance(test, (ast.Call, ast.Name, ast.Attribute, ast.Subscript)):
        return ('=', 'not not (' + source(test) + '\n)') + value_text(True)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return ('=', 'not (' + source(test.operand) + '\n)') + value_text(True)
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        raise ValueError('expected `assert f(arguments) == value`')
    left, right = test.left, test.comparators[0]
    if isinstance(test.ops[0], ast.Is):
        if not isinstance(right, ast.Constant) or right.value not in (None, True, False):
            raise ValueError('after `is` only None, True and False are values')
        how = '!'
    elif isinstance(test.ops[0], ast.Eq):
        how = '='
    else:
        raise ValueError('expected `assert f(arguments) == value`, found another comparison')
    free = [free_names(side, names, ast) for side in (left, right)]
    if free[0] and free[1]:
        raise ValueError('both sides use names of the program: %s and %s; one must be a value' % (
            sorted(free[0])[0], sorted(free[1])[0]))
    if free[1] or (not free[0] and not isinstance(left, ast.Call) and isinstance(right, ast.Call)):
        left, right = right, left
    try:
        value = eval(compile(ast.Expression(right), '<expected>', 'eval'), dict(names))
    except Exception as e:
        raise ValueError('the expected value cannot be computed: %s: %s' % (type(e).__name__, e))
    word, kind = value_text(value)
    if word is None:
        raise ValueError('the expected value is not plain data (%s)' % kind)
    return how, source(left), word, kind


def split_all():
    """Asserts on stdin, each followed by a NUL; of each four fields, each followed by a NUL: how to
    compare ('=' equal, '!' also of the same type, 'E' no test: the next field says why), the call, the
    expected value, its type."""
    import ast, builtins, collections, math, os, sys
    names = dict(vars(builtins), math=math, collections=collections)
    names.update((n, getattr(collections, n)) for n in ('Counter', 'OrderedDict', 'defaultdict'))
    out = []
    for text in read_all(0).split(b'\0')[:-1]:
        try:
            out += split_one(text.decode().strip(), names, ast)
        except (ValueError, SyntaxError, RecursionError, MemoryError) as e:
            words = e.msg if isinstance(e, SyntaxError) else str(e) or type(e).__name__
            out += 'E', words, '', ''
    data = ('\0'.join(out) + '\0').encode('utf-8', 'backslashreplace')
    while data:
        data = data[os.write(1, data):]
