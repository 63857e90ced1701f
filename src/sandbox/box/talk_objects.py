"""The rest of talk.py: what is no data stays where it is.  The other side gets a handle, and has a stand-in (Proxy) for
the object, whose every operation is a request; an error gets a class of the same name."""
import weakref


def told_text(e):
    return vars(e)['_text'] if '_text' in vars(e) else BaseException.__str__(e)


class Absent(BaseException):
    """There is no such name."""


class Peer(Data):
    """One end.  What the two ends do differently: other (objects that are no data), perform (what is asked), and how a
    stand-in is compared and used in operations."""

    def __init__(self, source, sink):
        super().__init__(source, sink)
        self.mine, self.ids, self.count, self.dropped = {}, {}, 0, set()
        self.theirs, self.classes, self.told = weakref.WeakValueDictionary(), {}, set()
        self.kinds, self.subs, self.error_classes, self.error_handles, self.failed = {}, set(), {}, {}, None

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
