"""Two processes that talk: a test program (tester.py) and the program that it tests, each at its own end of two pipes.

A message is one line of JSON.  A request {"do": ...} is answered by {"is": VALUE}, {"raised": ERROR}, {"absent": 1} or
{"refused": WHY}; before that the answering side may ask back, any number of times.  Values travel as data, never as code:
None, bool, int, float, str and list as JSON writes them (with NaN and Infinity), else an object of one member, the kind:
  int float str   what JSON cannot hold          tuple set frozenset dict bytes bytearray complex range slice deque counter
  ordered defaultdict fraction decimal date keys values items          builtin   a type or function of Python, by name
  sub             of a class derived from one of these: its plain value, and a handle
  handle          an object that stays where it is; its owner is asked        yours   an object of the receiver, back again
  error class     exceptions and their classes: names, as far as the builtin one; arguments; text
  ref             the n-th list, dict, set, bytearray or deque of this message, counted from its first
What a call left in the containers that it was given comes back with its answer, so that f(x) may change x."""
import builtins, collections, json, operator, os, sys

MOST_NODES, MOST_DEPTH, BITS = 1 << 20, 100, 2000
MUTABLE = (list, dict, set, bytearray, collections.deque)
BINARY = ['add', 'sub', 'mul', 'truediv', 'floordiv', 'mod', 'divmod', 'pow', 'matmul', 'and', 'or', 'xor', 'lshift', 'rshift']
ORDER = ['lt', 'le', 'gt', 'ge']
UNARY = {'len': len, 'iter': iter, 'next': next, 'bool': bool, 'hash': hash, 'int': int, 'float': float, 'index': operator.index,
         'complex': complex, 'abs': abs, 'neg': operator.neg, 'pos': operator.pos, 'invert': operator.invert, 'str': str,
         'repr': repr, 'reversed': reversed}
PLAIN_ANSWER = {'len': int, 'bool': bool, 'hash': int, 'int': int, 'float': float, 'index': int, 'complex': complex, 'str': str,
                'repr': str}
OTHERS = ['call', 'getitem', 'setitem', 'delitem', 'contains', 'enter', 'exit', 'round']
ASKED = {'__%s__' % n for n in list(UNARY) + BINARY + ORDER + OTHERS} | {'__r%s__' % n for n in BINARY}
BUILTINS = {n: getattr(builtins, n) for n in
            'bool int float complex str bytes bytearray list tuple set frozenset dict range slice object type len abs min max sum '
            'sorted any all round ord chr divmod pow repr hash zip map filter enumerate reversed isinstance hex bin oct'.split()}
BUILTINS['NoneType'] = type(None)
NAMED = {id(v): n for n, v in BUILTINS.items()}
ERRORS = {n: e for n, e in vars(builtins).items() if isinstance(e, type) and issubclass(e, BaseException)}
KEYS, VALUES, ITEMS = type({}.keys()), type({}.values()), type({}.items())
write_line = json.JSONEncoder(check_circular=False, separators=(',', ':')).encode
read_line = json.JSONDecoder().decode


class Refused(BaseException):
    """A value cannot be sent: size, depth, or a type that has no way."""


class Message:
    """What a request and its answer share: containers in the order in which they appear, and how much has been sent."""
    def __init__(self):
        self.seen, self.order, self.left = {}, [], MOST_NODES

    def note(self, container):
        self.seen[id(container)] = len(self.order)
        self.order.append(container)
        return container


def base_of(kind):
    """The plain type that a class derives from; None: there is none."""
    for t in kind.__mro__:
        if t in EXACT:
            return t
    return None


def library(name, module):
    """A class of the standard library, if anybody has imported it."""
    m = sys.modules.get(module)
    return getattr(m, name, None) if m else None


def pack_date(v):
    kind, d = type(v), sys.modules['datetime']
    if kind is d.timedelta:
        return ['timedelta', v.days, v.seconds, v.microseconds]
    if kind is d.date:
        return ['date', v.year, v.month, v.day]
    zone = getattr(v, 'tzinfo', None)
    if zone is not None:
        offset = v.utcoffset()
        if offset is None:
            raise Refused('type')
        zone = [offset.days, offset.seconds, offset.microseconds]
    parts = [v.hour, v.minute, v.second, v.microsecond, zone]
    return ['time'] + parts if kind is d.time else ['datetime', v.year, v.month, v.day] + parts


def unpack_date(x):
    import datetime as d
    kind, parts = x[0], [int(i) if i is not None and not isinstance(i, list) else i for i in x[1:]]
    if kind in ('time', 'datetime') and parts[-1] is not None:
        a, b, c = parts[-1]
        parts[-1] = d.timezone(d.timedelta(int(a), int(b), int(c)))
    return {'timedelta': d.timedelta, 'date': d.date, 'time': d.time, 'datetime': d.datetime}[kind](*parts)


# kinds: how the plain value of an exact or derived object is read, by the base's own methods
PLAIN = {
    tuple: ('tuple', tuple.__iter__), set: ('set', set.__iter__), frozenset: ('frozenset', frozenset.__iter__),
    dict: ('dict', dict.items), collections.OrderedDict: ('ordered', collections.OrderedDict.items),
    collections.Counter: ('counter', dict.items), collections.defaultdict: ('defaultdict', dict.items),
    bytes: ('bytes', bytes.hex), bytearray: ('bytearray', bytearray.hex), collections.deque: ('deque', collections.deque.__iter__),
    complex: ('complex', None), range: ('range', None), slice: ('slice', None), KEYS: ('keys', KEYS.__iter__),
    VALUES: ('values', VALUES.__iter__), ITEMS: ('items', ITEMS.__iter__),
}
EXACT = {
    str: str.__str__, int: int.__int__, float: float.__float__, list: lambda v: list(list.__iter__(v)),
    tuple: lambda v: tuple(tuple.__iter__(v)), bytes: lambda v: bytes.fromhex(bytes.hex(v)),
    frozenset: lambda v: frozenset(frozenset.__iter__(v)), set: lambda v: set(set.__iter__(v)), dict: lambda v: dict(dict.items(v)),
    collections.OrderedDict: lambda v: collections.OrderedDict(collections.OrderedDict.items(v)),
    collections.Counter: lambda v: collections.Counter(dict(dict.items(v))),
    collections.defaultdict: lambda v: collections.defaultdict(None, dict.items(v)),
    bytearray: lambda v: bytearray.fromhex(bytearray.hex(v)), collections.deque: lambda v: collections.deque(collections.deque.__iter__(v)),
    complex: lambda v: complex(complex.real.__get__(v), complex.imag.__get__(v)),
}
PAIRS = ('dict', 'ordered', 'counter', 'defaultdict', 'items')


class Data:
    """One end, as far as lines and data go; talk_objects.py has the rest of it."""

    def __init__(self, source, sink):
        self.source, self.sink, self.parts = source, sink, []

    # lines
    def send(self, message):
        data = write_line(message).encode() + b'\n'
        while data:
            data = data[os.write(self.sink, data):]

    def receive(self):
        """The next line; None: the other side is gone."""
        while not (self.parts and b'\n' in self.parts[-1]):
            part = os.read(self.source, 1 << 16)
            if not part:
                return None
            self.count_bytes(len(part))
            self.parts.append(part)
        line, rest = b''.join(self.parts).split(b'\n', 1)
        self.parts = [rest] if rest else []
        return line

    def count_bytes(self, n):
        pass

    # data
    def pack(self, v, m, depth=0):
        t = type(v)
        m.left -= 1
        if m.left < 0:
            raise Refused('size')
        if t is str:
            m.left -= len(v) >> 4
            if v.isascii():
                return v
            try:
                v.encode()
                return v
            except UnicodeEncodeError:
                return {'str': [ord(c) for c in v]}
        if v is None or t is bool or t is float:
            return v
        if t is int:
            return v if v.bit_length() <= BITS else {'int': hex(v)}
        if depth > MOST_DEPTH:
            raise Refused('depth')
        if t is list:
            return self.pack_list(v, m, depth)
        if t in PLAIN and not (t is range and not -MOST_NODES < (v.stop - v.start) // v.step < MOST_NODES):
            return self.pack_plain(v, t, m, depth)
        if id(v) in NAMED:
            return {'builtin': NAMED[id(v)]}
        if t is library('Fraction', 'fractions'):
            return {'fraction': [self.pack(v.numerator, m), self.pack(v.denominator, m)]}
        if t is library('Decimal', 'decimal'):
            return {'decimal': str(v)}
        if t.__module__ == 'datetime' and t.__name__ in ('date', 'time', 'datetime', 'timedelta'):
            return {'date': pack_date(v)}
        if isinstance(v, type) and issubclass(v, BaseException):
            return {'class': self.chain(v)}
        if isinstance(v, BaseException):
            return self.pack_error(v, m, depth)
        return self.other(v, m, depth)

    def pack_list(self, v, m, depth, known=True):
        if known:
            if id(v) in m.seen:
                return {'ref': m.seen[id(v)]}
            m.note(v)
        if len(v) > m.left:
            raise Refused('size')
        kinds = set(map(type, v))
        if len(kinds) == 1:
            kind, = kinds
            if kind is float or kind is bool or (kind is int and max(v).bit_length() <= BITS and min(v).bit_length() <= BITS):
                m.left -= len(v)
                return v if m.left >= 0 else self.pack(None, m)
        return [self.pack(x, m, depth + 1) for x in v]

    def pack_plain(self, v, t, m, depth, known=True):
        kind, read = PLAIN[t]
        if known and isinstance(v, MUTABLE):
            if id(v) in m.seen:
                return {'ref': m.seen[id(v)]}
            m.note(v)
        if kind in ('bytes', 'bytearray'):
            m.left -= len(v) >> 4
            return {kind: read(v)}
        if kind == 'complex':
            return {kind: [complex.real.__get__(v), complex.imag.__get__(v)]}
        if kind in ('range', 'slice'):
            return {kind: [self.pack(x, m, depth + 1) for x in (v.start, v.stop, v.step)]}
        if len(v) > m.left:
            raise Refused('size')
        if kind in PAIRS:
            data = [[self.pack(k, m, depth + 1), self.pack(x, m, depth + 1)] for k, x in read(v)]
        else:
            data = [self.pack(x, m, depth + 1) for x in read(v)]
        if kind == 'defaultdict':
            return {kind: [NAMED.get(id(v.default_factory)), data]}
        return {kind: [v.maxlen, data] if kind == 'deque' else data}

    def unpack(self, x, m):
        t = type(x)
        if t is list:
            made = m.note([])
            made += x if set(map(type, x)) <= SIMPLE else [self.unpack(y, m) for y in x]
            return made
        if t is not dict:
            return x
        (kind, x), = x.items()
        if kind in MAKERS:
            return MAKERS[kind](self, x, m)
        return self.made(kind, x, m)

    def fill(self, made, kind, x, m):
        """What a container holds, into it."""
        if kind in ('dict', 'ordered', 'counter', 'defaultdict'):
            for k, v in x[1] if kind == 'defaultdict' else x:
                k = self.unpack(k, m)
                dict.__setitem__(made, k, self.unpack(v, m))
        elif kind == 'set':
            made.update([self.unpack(y, m) for y in x])
        elif kind == 'deque':
            made.extend([self.unpack(y, m) for y in x[1]])
        elif kind == 'bytearray':
            made += bytes.fromhex(x)
        return made

    # what a call leaves in its arguments
    def copies(self, m):
        return [(c, list(c.items()) if isinstance(c, dict) else bytes(c) if isinstance(c, bytearray) else list(c)) for c in m.order]

    def changes(self, copies, m):
        out = []
        for n, (c, before) in enumerate(copies):
            if isinstance(c, dict):
                now = list(dict.items(c))
                same = len(now) == len(before) and all(a[0] is b[0] and a[1] is b[1] for a, b in zip(now, before))
            elif isinstance(c, bytearray):
                same = bytes(c) == before
            else:
                same = len(c) == len(before) and all(map(operator.is_, c, before))
            if not same:
                t = type(c)
                out.append([n, self.pack_list(c, m, 0, False) if t is list else self.pack_plain(c, t, m, 0, False)])
        return out

    def change(self, changes, m):
        for n, x in changes:
            c = m.order[n]
            if type(x) is list:
                c[:] = [self.unpack(y, m) for y in x]
            else:
                (kind, x), = x.items()
                c.clear()
                self.fill(c, kind, x, m)


MODULE = type(os)
SIMPLE = {int, float, str, bool, type(None)}


def make_default(p, x, m):
    made = m.note(collections.defaultdict(BUILTINS.get(x[0])))
    return p.fill(made, 'defaultdict', x, m)


def make_fraction(p, x, m):
    from fractions import Fraction
    return Fraction(*[int(p.unpack(y, m)) for y in x])


def make_decimal(p, x, m):
    from decimal import Decimal
    return Decimal(str(x))


def views(kind):
    def make(p, x, m):
        if kind == 'keys':
            return dict.fromkeys([p.unpack(y, m) for y in x]).keys()
        if kind == 'values':
            return dict(enumerate([p.unpack(y, m) for y in x])).values()
        return {p.unpack(k, m): p.unpack(v, m) for k, v in x}.items()
    return make


MAKERS = {
    'ref': lambda p, x, m: m.order[x],
    'int': lambda p, x, m: int(x, 16),
    'str': lambda p, x, m: ''.join(map(chr, x)),
    'tuple': lambda p, x, m: tuple([p.unpack(y, m) for y in x]),
    'frozenset': lambda p, x, m: frozenset([p.unpack(y, m) for y in x]),
    'bytes': lambda p, x, m: bytes.fromhex(x),
    'complex': lambda p, x, m: complex(float(x[0]), float(x[1])),
    'range': lambda p, x, m: range(*[p.unpack(y, m) for y in x]),
    'slice': lambda p, x, m: slice(*[p.unpack(y, m) for y in x]),
    'set': lambda p, x, m: p.fill(m.note(set()), 'set', x, m),
    'dict': lambda p, x, m: p.fill(m.note({}), 'dict', x, m),
    'ordered': lambda p, x, m: p.fill(m.note(collections.OrderedDict()), 'dict', x, m),
    'counter': lambda p, x, m: p.fill(m.note(collections.Counter()), 'counter', x, m),
    'defaultdict': make_default,
    'bytearray': lambda p, x, m: p.fill(m.note(bytearray()), 'bytearray', x, m),
    'deque': lambda p, x, m: p.fill(m.note(collections.deque(maxlen=x[0])), 'deque', x, m),
    'fraction': make_fraction, 'decimal': make_decimal, 'date': lambda p, x, m: unpack_date(x),
    'keys': views('keys'), 'values': views('values'), 'items': views('items'),
    'builtin': lambda p, x, m: BUILTINS[x],
}
