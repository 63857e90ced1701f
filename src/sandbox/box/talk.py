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
import builtins, collections, json, operator, os, sys, weakref

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


class Peer:
    """One end.  What the ends do differently: other (objects that are no data), made (the other side's), perform (requests)."""

    def __init__(self, source, sink):
        self.source, self.sink, self.parts = source, sink, []
        self.mine, self.ids, self.count, self.dropped = {}, {}, 0, set()
        self.theirs, self.classes, self.told = weakref.WeakValueDictionary(), {}, set()
        self.kinds, self.subs, self.error_classes, self.error_handles, self.failed = {}, set(), {}, {}, None

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

    # own objects
    def handle(self, v):
        h = self.ids.get(id(v))
        if h is None:
            self.count += 1
            h = self.ids[id(v)] = self.count
            self.mine[h] = v
        return h

    def release(self, handles):
        for h in handles:
            if h in self.mine:
                self.ids.pop(id(self.mine.pop(h)), None)

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
        if t in PLAIN:
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

    # errors
    def chain(self, kind):
        """A class of exceptions and its bases, up to a builtin one: [[name, handle], ...]; handle: the receiver's own is
        negative, of a builtin one None."""
        out = []
        for t in kind.__mro__:
            if ERRORS.get(t.__name__) is t:
                return out + [[t.__name__, None]]
            if t in self.error_handles:
                out.append([t.__name__, -self.error_handles[t]])
            elif issubclass(t, BaseException):
                out.append([t.__name__, self.handle(t)])
        return out

    def error_class(self, chain):
        made = ERRORS[chain[-1][0]]
        for name, h in reversed(chain[:-1]):
            if h < 0:
                made = self.mine[-h]
            elif h in self.error_classes:
                made = self.error_classes[h]
            else:
                made = self.error_classes[h] = type(str(name), (made,), {'__str__': told_text})
                self.error_handles[made] = h
        return made

    def pack_error(self, e, m, depth):
        if depth > MOST_DEPTH:
            raise Refused('depth')
        if '_yours' in vars(e):
            return {'yours': vars(e)['_yours']}
        try:
            text = str(e)
        except Exception:
            text = ''
        more = {k: x for k, x in list(vars(e).items())[:100] if isinstance(k, str) and k[:1] != '_'}
        return {'error': [self.chain(type(e)), [self.pack(x, m, depth + 1) for x in e.args[:100]], text,
                          {k: self.pack(x, m, depth + 1) for k, x in more.items()}, self.handle(e) if self.keeps_errors else None]}

    def make_error(self, x, m):
        kind = self.error_class(x[0])
        args = [self.unpack(y, m) for y in x[1]]
        try:
            e = kind(*args) if len(x[0]) == 1 else kind.__new__(kind, *args)
        except Exception:
            e = kind.__new__(kind)
        e.args = tuple(args)
        vars(e).update({k: self.unpack(y, m) for k, y in x[3].items() if k[:1] != '_'})
        e.__dict__['_text'] = str(x[2])
        if x[4] is not None:
            e.__dict__['_yours'] = x[4]
        return e

    # objects that stay where they are
    def pack_object(self, v, m, depth, what, has=None):
        """A handle, with what a stand-in must know: its class, and which of Python's operations it has."""
        kind = type(v)
        if issubclass(kind, Proxy):
            return {'yours': v._talk[1]}
        if kind in self.subs:
            return {'yours': v.__dict__['_talk'][1]}
        base = base_of(kind)
        c = self.kinds.setdefault(kind, len(self.kinds))
        if c in self.told:
            has = None
        else:
            self.told.add(c)
            has = has or sorted(d for d in ASKED if any(d in vars(t) for t in kind.__mro__ if t is not object))
        out = [self.handle(v), c, kind.__name__, what, has]
        if base is None or base in MUTABLE or issubclass(base, dict):
            return {'handle': out + [base.__name__ if base else None]}
        return {'sub': out + [base.__name__, self.pack(EXACT[base](v), m, depth + 1)]}

    def made(self, kind, x, m):
        if kind == 'yours':
            return self.mine[x]
        if kind == 'class':
            return self.error_class(x)
        if kind == 'error':
            return self.make_error(x, m)
        h, c, name, what, has = x[:5]
        self.dropped.discard(h)
        had = self.theirs.get(h)
        if kind == 'handle':
            if had is None:
                had = self.theirs[h] = self.class_of(c, name, what, has, x[5])(self, h)
            return had
        value = self.unpack(x[6], m)
        cls = self.classes.get(('sub', c))
        if cls is None:
            cls = self.classes['sub', c] = type(str(name), (BASES[x[5]],), {
                '__getattr__': sub_getattr, '__setattr__': sub_setattr, '__module__': 'main'})
            self.subs.add(cls)
        made = cls.__new__(cls, value) if x[5] != 'complex' else cls.__new__(cls, value.real, value.imag)
        made.__dict__['_talk'] = (self, h)
        return made

    def class_of(self, c, name, what, has, base):
        cls = self.classes.get((c, what))
        if has is not None:
            self.classes.setdefault(c, has)
        if cls is None:
            members = {d: OPERATIONS[d] for d in self.classes[c] if d in OPERATIONS}
            if what == 'class':
                members.update(__instancecheck__=lambda p, x: bool(p._talk[0].ask('isinstance', p._talk[1], [x])),
                               __subclasscheck__=lambda p, x: bool(p._talk[0].ask('issubclass', p._talk[1], [x])),
                               __call__=proxy_call, __mro_entries__=lambda p, bases: p._talk[0].no_base(p))
            if base:
                like = type(str(name), (BASES[base],), {})
                members['__class__'] = property(lambda p: like)
            members.update(__slots__=(), _base=base, __module__='main')
            cls = self.classes[c, what] = type(str(name), (Proxy,), members)
        return cls

    # requests
    def ask(self, do, on, args=(), named=None, name=None):
        m = Message()
        line = {'do': do, 'on': on}
        if name is not None:
            line['name'] = name
        if args or named:
            line['args'] = [self.pack(x, m) for x in args]
            line['named'] = {k: self.pack(x, m) for k, x in (named or {}).items()}
        if self.dropped:
            line['drop'], self.dropped = list(self.dropped), set()
        return self.exchange(line, m)

    def answer(self, line):
        """Does what was asked; the message that says how it ended."""
        m = Message()
        self.release(line.get('drop', ()))
        args = [self.unpack(x, m) for x in line.get('args', ())]
        named = {k: self.unpack(x, m) for k, x in line.get('named', {}).items()}
        before = self.copies(m)
        out = {}
        try:
            value = self.perform(line['do'], self.mine.get(line['on']), line.get('name'), args, named)
        except Absent:
            return {'absent': 1}
        except Exception as e:
            self.failed = e
            out['raised'] = None
        try:
            if before:
                out['left'] = self.changes(before, m)
            if 'raised' in out:
                out['raised'] = self.pack(self.failed, m)
            else:
                out['is'] = self.pack(value, m)
        except Refused as why:
            return {'refused': why.args[0]}
        return out


def told_text(e):
    return vars(e)['_text'] if '_text' in vars(e) else BaseException.__str__(e)


class Absent(BaseException):
    """There is no such name."""


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


class Proxy:
    """Stands for an object of the other side."""
    __slots__ = '_talk', '_origin', '__weakref__'

    def __init__(self, peer, h):
        object.__setattr__(self, '_talk', (peer, h))
        object.__setattr__(self, '_origin', '')

    def __getattr__(self, name):
        return self._talk[0].ask('getattr', self._talk[1], name=name)

    def __setattr__(self, name, value):
        self._talk[0].ask('setattr', self._talk[1], [value], name=name)

    def __delattr__(self, name):
        self._talk[0].ask('delattr', self._talk[1], name=name)

    def __eq__(self, other):
        return self._talk[0].equal(self, other)

    def __ne__(self, other):
        return not self._talk[0].equal(self, other)

    def __hash__(self):
        return hash(('talk', self._talk[1]))

    def __repr__(self):
        return self._talk[0].ask('op', self._talk[1], name='__repr__')

    def __str__(self):
        return self._talk[0].ask('op', self._talk[1], name='__str__')

    def __format__(self, spec):
        return format(str(self), spec)

    def __copy__(self):
        return self._talk[0].ask('copy', self._talk[1])

    def __deepcopy__(self, memo):
        return self._talk[0].ask('deepcopy', self._talk[1])

    def __del__(self):
        self._talk[0].dropped.add(self._talk[1])

    def __dir__(self):
        return self._talk[0].ask('dir', self._talk[1])

    __doc__ = property(lambda self: self.__getattr__('__doc__'))


def sub_getattr(self, name):
    if '_talk' not in self.__dict__:
        raise AttributeError(name)
    peer, h = self.__dict__['_talk']
    return peer.ask('getattr', h, name=name)


def sub_setattr(self, name, value):
    peer, h = self.__dict__['_talk']
    peer.ask('setattr', h, [value], name=name)


def proxy_call(self, *args, **named):
    return self._talk[0].call(self, args, named)


def operation(d):
    n = d.strip('_')
    if n == 'call':
        return proxy_call
    if n in UNARY:
        return lambda self: self._talk[0].ask('op', self._talk[1], name=d)
    if n in ORDER or n in BINARY or n[1:] in BINARY:
        return lambda self, other: self._talk[0].binary(self, other, d)
    if n == 'contains':
        return lambda self, x: self._talk[0].contains(self, x)
    return lambda self, *args: self._talk[0].ask('op', self._talk[1], args, name=d)


OPERATIONS = {d: operation(d) for d in ASKED if d not in ('__str__', '__repr__', '__hash__')}
BASES = {t.__name__: t for t in EXACT}


def operate(on, d, args):
    """An operation of Python by its name."""
    n = d.strip('_')
    if n in UNARY:
        return UNARY[n](on)
    if n == 'divmod':
        return divmod(on, *args)
    if n == 'rdivmod':
        return divmod(*args, on)
    if n[:1] == 'r' and n[1:] in BINARY:
        return getattr(operator, '__%s__' % n[1:])(*args, on)
    if n == 'enter':
        return type(on).__enter__(on)
    if n == 'exit':
        return type(on).__exit__(on, *args)
    if n == 'round':
        return round(on, *args)
    if d in ASKED:
        return getattr(operator, d)(on, *args)
    raise TypeError('no such operation: ' + d)


class Served(Peer):
    """The end of the program that is tested: does what it is asked."""
    keeps_errors = False

    def other(self, v, m, depth):
        return self.pack_object(v, m, depth, 'class' if isinstance(v, type) else 'module' if isinstance(v, MODULE) else 'object')

    def perform(self, do, on, name, args, named):
        if do == 'call':
            return on(*args, **named)
        if do == 'get':
            if name not in self.main:
                raise Absent()
            return self.main[name]
        if do == 'names':
            return [n for n in args[0] if n in self.main]
        if do == 'op':
            return operate(on, name, args)
        if do in ('getattr', 'setattr', 'delattr'):
            return getattr(builtins, do)(on, name, *args)
        if do in ('isinstance', 'issubclass'):
            return getattr(builtins, do)(args[0], on)
        if do == 'plain':
            return EXACT[base_of(type(on))](on)
        if do == 'fields':
            kind = type(on)
            if not (hasattr(kind, '__dataclass_fields__') and kind.__dataclass_params__.eq):
                raise Absent()
            return [[n, object.__getattribute__(on, n)] for n, f in kind.__dataclass_fields__.items() if f.compare]
        if do == 'dir':
            return dir(on)
        if do == 'trace':
            import traceback
            e = self.failed
            tb = e.__traceback__
            while tb and tb.tb_frame.f_code.co_filename == 'talk.py':
                tb = tb.tb_next
            return ''.join(traceback.format_exception(type(e), e, tb))[-4000:]
        import copy
        return copy.deepcopy(on) if do == 'deepcopy' else copy.copy(on)

    # what the program asks back
    def exchange(self, line, m):
        self.send(line)
        while True:
            line = self.receive()
            if line is None:
                os._exit(0)
            line = read_line(line.decode())
            if 'do' in line:
                self.send(self.answer(line))
                continue
            if 'refused' in line:
                raise TypeError('the test has no plain answer: ' + line['refused'])
            self.change(line.get('left', ()), m)
            if 'raised' in line:
                raise self.unpack(line['raised'], m)
            return self.unpack(line['is'], m)

    def call(self, on, args, named):
        return self.ask('call', on._talk[1], args, named)

    def equal(self, a, b):
        return a is b or self.ask('op', a._talk[1], [b], name='__eq__')

    def binary(self, a, b, d):
        return self.ask('op', a._talk[1], [b], name=d)

    def contains(self, a, b):
        return self.ask('op', a._talk[1], [b], name='__contains__')

    def no_base(self, p):
        raise TypeError('a class of the test is no base')


def serve(source, sink, main, begun):
    """The program is loaded: answers until nobody asks any more."""
    p = Served(source, sink)
    p.main = main
    p.parts = [begun] if begun else []
    while (line := p.receive()) is not None:
        p.send(p.answer(read_line(line.decode())))
    os._exit(0)
