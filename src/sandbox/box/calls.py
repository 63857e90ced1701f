"""Function-call tests: the values that calls give, as text.

encode writes plain data so that two values are equal in Python exactly if their texts are the same
bytes: 1, 1.0, True, Fraction(1) and 1+0j are `1`; elements of sets and items of dicts are sorted by
their texts.  It is JSON: lists are arrays, and what JSON has not is an object of one member,
  {"tuple": [...]}  {"set": [...]}  {"dict": [[key, value], ...]}  {"bytes": "hex"}  {"deque": [...]}
  {"int": "0x..."} (many digits)  {"float": "inf" | "-inf" | "nan"}  {"str": [code points]} (lone surrogates)
  {"fraction": ["p", "q"]} (no float's value)  {"complex": [re, im]}  {"range": [first, step, length]}
  {"array": [...]}  {"date": ...}  {"datetime": ...}  {"timedelta": ...}
An object of a class that derives from one of these is read by the base's own methods, whatever its
class has of its own: a namedtuple is a tuple, an IntEnum's member an int.  Counter, OrderedDict and
defaultdict are compared as dicts, also with each other.  What encode uses is bound before a guest's
first instruction."""


def _make():
    import os, sys, _json
    from collections import Counter, OrderedDict, defaultdict, deque
    quote, write, limit = _json.encode_basestring_ascii, os.write, sys.setrecursionlimit
    digits = sys.set_int_max_str_digits if hasattr(sys, 'set_int_max_str_digits') else None
    NoneType = type(None)
    dicts = dict, Counter, OrderedDict, defaultdict
    items, bits, integral, encoded, modules = dict.items, int.bit_length, float.is_integer, str.encode, sys.modules
    tohex, join, shown, kind, mro = bytes.hex, str.join, repr, type, type.__dict__['__mro__'].__get__
    keys, views = kind({}.keys()), kind({}.items())
    lowest, real, imag = float.as_integer_ratio, complex.real.__get__, complex.imag.__get__
    most_nodes, most_depth = 1 << 20, 100
    _len, _map, _int, _str, _float, _bool, _list, _tuple, _bytes, _hex, _sorted, _ord = (
        len, map, int, str, float, bool, list, tuple, bytes, hex, sorted, ord)
    sets, Error = (set, frozenset, keys), UnicodeEncodeError
    exact = {int: int.__int__, float: float.__float__, str: str.__str__, bytes: lambda v: bytes.fromhex(tohex(v)),
             list: lambda v: [*_list.__iter__(v)], tuple: lambda v: (*_tuple.__iter__(v),), set: lambda v: {*set.__iter__(v)},
             frozenset: lambda v: {*frozenset.__iter__(v)}, dict: lambda v: {k: x for k, x in items(v)}}
    _deque, each, _range, _complex, _bytearray, bytehex, _getattr, _frozenset = (
        deque, deque.__iter__, range, complex, bytearray, bytearray.hex, getattr, frozenset)

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
        return seldom(value, t, left, depth)

    def ratio(p, q, left, depth):
        """A fraction in lowest terms: an int, a float if it is one's exact value, else both numbers."""
        if q == 1:
            return encode(p, left, depth)
        if bits(p) < 1100 and bits(q) < 1100 and lowest(p / q) == (p, q):
            return encode(p / q, left, depth)
        return '{"fraction": ["' + (_hex(p) if bits(p) > 2000 else shown(p)) + '", "' + (_hex(q) if bits(q) > 2000 else shown(q)) + '"]}'

    def number(value, t, left, depth):
        """Fraction and Decimal, where the program has imported them; None: something else."""
        module = modules.get('fractions')
        if module and module.Fraction in mro(t):
            return ratio(_int(module.Fraction._numerator.__get__(value)), _int(module.Fraction._denominator.__get__(value)), left, depth)
        module = modules.get('decimal')
        if not module or module.Decimal not in mro(t):
            return None
        plain = module.Decimal(value)
        if plain.is_nan() or plain.is_infinite():
            return encode(_float('nan') if plain.is_nan() else _float(plain), left, depth)
        if not -50000 < plain.adjusted() < 50000:
            raise Refused('size')
        return ratio(*plain.as_integer_ratio(), left, depth)

    def date(value, t):
        """date, time, datetime (in UTC where it knows its zone) and timedelta; None: something else."""
        d = modules.get('datetime')
        if not d:
            return None
        if d.timedelta in mro(t):
            return '{"timedelta": ' + shown([value.days, value.seconds, value.microseconds]) + '}'
        if d.datetime in mro(t):
            if d.datetime.utcoffset(value) is None:
                return '{"datetime": "' + d.datetime.isoformat(value) + '"}'
            return '{"datetime": "' + d.datetime.isoformat(d.datetime.astimezone(value, d.timezone.utc)) + '"}'
        if d.date in mro(t) or (d.time in mro(t) and value.tzinfo is None):
            return '{"date": "' + (d.date if d.date in mro(t) else d.time).isoformat(value) + '"}'
        return None

    def seldom(value, t, left, depth):
        def many(values):
            return join(', ', [encode(v, left, depth + 1) for v in values])
        for base in mro(t):
            if base in exact:
                return encode(exact[base](value), left, depth)
            if base is _deque:
                return '{"deque": [' + many(each(value)) + ']}'
            if base is _bytearray:
                left[0] -= _len(value) >> 4
                return '{"bytes": "' + bytehex(value) + '"}'
            if base is _complex:
                if imag(value) == 0:
                    return encode(real(value), left, depth)
                return '{"complex": [' + many([real(value), imag(value)]) + ']}'
        if t is _range:
            first, step = value.start, value.step
            n = (value.stop - first + step - (1 if step > 0 else -1)) // step
            return '{"range": [' + many(() if n <= 0 else (first,) if n == 1 else (first, step, n)) + ']}'
        if t is views:
            return '{"set": [' + join(', ', _sorted([encode(v, left, depth + 1) for v in value])) + ']}'
        if t.__module__ == 'array' and t.__name__ == 'array':
            return '{"array": [' + many([*value]) + ']}'
        text = number(value, t, left, depth) or date(value, t)
        if text is None:
            raise Refused('type')
        return text

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


JUDGES = {'isclose', 'approx', 'raises', 'deepcopy'}     # names of a test that are never the program's


def stand_ins():
    """The names that stand in the globals of a LeetCode program, as if `from typing import *` and such came first."""
    import bisect, builtins, collections, copy, functools, heapq, itertools, math, operator, random, re, string, typing
    modules, names = (typing, operator, random, re, string, copy, math, itertools, functools, heapq, bisect, collections), {}
    for m in modules:
        names.update((n, getattr(m, n)) for n in getattr(m, '__all__', dir(m)) if n[:1] != '_' and not hasattr(builtins, n))
    names.update((m.__name__, m) for m in modules)
    return names


def is_solution(source):
    """Whether a program is a LeetCode answer: it defines `class Solution` at top level."""
    import re
    return b'class Solution' in source and re.search(rb'^class Solution\b', source, re.M) is not None


def call_code(text):
    """The call that came on standard input, compiled."""
    return compile(b'(' + text + b'\n)', '<call>', 'eval', 0, True)


def read_call(fd):
    """What stands on standard input: a call; or NUL: a test program is at the other end and will ask (talk.py), perhaps has."""
    import os
    parts = [os.read(fd, 1 << 16)]
    if parts[0][:1] == b'\0':
        return parts[0]
    while part := os.read(fd, 1 << 16):
        parts.append(part)
    return b''.join(parts)


def serve_asker(talk, code, main, begun):
    """The program is executed, then asked by the test; begun: what was read of that."""
    import os
    ends = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    os.dup2(os.open('/dev/null', os.O_RDONLY), 0)
    exec(code, main)
    talk.serve(*ends, main, begun[1:])
