"""A test that is a program of its own, executed where the program that it tests cannot reach it (tester.c says in what
processes).  Names that it does not define itself are the program's; talk.py says how its objects are used from here.

The end of this process is the verdict: an exit status (below), and words at the end of standard error.  Whatever the
program does wrong ends it at once, so that no `except` of the test can take it for something else."""
import ast, datetime, decimal, fractions, io, linecache, random, signal, types, unittest

PASSED, FAILED, RAISED, NO_MEMORY, NO_ANSWER, NOT_PLAIN, TOO_LARGE, BAD_TEST, LIMIT, WAITING, RUBBISH = range(40, 51)
FILE, MARK = '<test>', b'\n\x1e'
LIBRARIES = set('abc array ast bisect calendar cmath collections contextlib copy dataclasses datetime decimal enum fractions '
                'functools heapq inspect io itertools json math numbers operator os pytest random re statistics string sys time '
                'typing types unittest'.split())


def finish(status, words=''):
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        pass
    try:
        os.write(asker.words, MARK + words.encode('utf-8', 'backslashreplace')[:3000])
    finally:
        os._exit(status)


class Asker(Peer):
    """The end of the test."""
    keeps_errors = True
    waiting, most, bytes_left, asked, answering, words = False, 0, 0, False, 0, 2

    def count_bytes(self, n):
        self.bytes_left -= n
        if self.bytes_left < 0:
            finish(TOO_LARGE)

    def send(self, message):
        try:
            super().send(message)
        except OSError:
            finish(NO_ANSWER)

    def exchange(self, line, m):
        """From here to the answer all time is the program's, what it asks back included."""
        before, self.asked, self.waiting = self.waiting, True, True
        try:
            return self.answered(line, m)
        finally:
            self.waiting = before

    def answered(self, line, m):
        self.send(line)
        while True:
            self.bytes_left = self.most
            line = self.receive()
            if line is None:
                finish(NO_ANSWER)
            try:
                if line.count(b',') + line.count(b'[') > 3 * MOST_NODES:
                    finish(TOO_LARGE)
                line = read_line(line.decode())
                back = self.answer(line) if 'do' in line else None
                if not back:
                    if 'refused' in line:
                        finish(TOO_LARGE if line['refused'] == 'size' else NOT_PLAIN, 'the answer is no plain data')
                    self.change(line.get('left', ()), m)
                    raised = self.unpack(line['raised'], m) if 'raised' in line else None
                    value = None if 'raised' in line or 'absent' in line else self.unpack(line['is'], m)
                    if 'raised' in line and not isinstance(raised, Exception):
                        finish(RUBBISH)
            except MemoryError:
                finish(TOO_LARGE)
            except BaseException:
                finish(RUBBISH)
            if back:
                self.send(back)
            elif raised is not None:
                raise raised
            elif 'absent' in line:
                raise Absent()
            else:
                return value

    def ask(self, *args, **named):
        try:
            return super().ask(*args, **named)
        except Refused as why:
            finish(BAD_TEST, 'the program is given what cannot be sent to it: ' + str(why.args[-1]))

    # what the program may ask
    def answer(self, line):
        self.answering += 1
        try:
            return super().answer(line)
        finally:
            self.answering -= 1

    def perform(self, do, on, name, args, named):
        own = is_own(on)
        if do == 'call' and callable(on):
            try:
                return on(*args, **named)
            except AssertionError as e:
                verdict(e)
        if do == 'op' and (own or (name in ('__iter__', '__next__') and hasattr(type(on), '__next__'))) and name in ASKED:
            return operate(on, name, args)
        if do == 'op' and own and name == '__eq__':
            return on == args[0]
        if do == 'op' and name in ('__str__', '__repr__') and not isinstance(on, type):
            return str(on) if name == '__str__' else repr(on)
        if do in ('isinstance', 'issubclass') and isinstance(on, type):
            return getattr(builtins, do)(args[0], on)
        if do == 'getattr' and callable(on) and not own and name in ('__name__', '__qualname__', '__doc__'):
            return str(getattr(on, name))
        if do in ('getattr', 'setattr', 'delattr') and own and type(name) is str and name[:1] != '_':
            return getattr(builtins, do)(on, name, *args)
        raise AttributeError('an object of the test has no %s for the program' % (name or do))

    def other(self, v, m, depth):
        kind = type(v)
        if issubclass(kind, Proxy) or kind in self.subs or is_own(v):
            return self.pack_object(v, m, depth, 'object')
        if hasattr(kind, '__next__'):
            return self.pack_object(v, m, depth, 'object', ['__iter__', '__next__'])
        if callable(v) and (not self.answering or isinstance(v, (types.FunctionType, types.MethodType))):
            return self.pack_object(v, m, depth, 'class' if isinstance(v, type) else 'object', ['__call__'])
        raise Refused('an object of class ' + kind.__name__)

    # what is never asked of the program
    def call(self, on, args, named):
        value = self.ask('call', on._talk[1], args, named)
        if isinstance(type(value), type) and issubclass(type(value), Proxy) and on._origin[:1].isupper():
            object.__setattr__(value, '_origin', on._origin)
        return value

    def plain(self, p):
        """The value of an object that derives from list, dict, set, ..."""
        return self.ask('plain', p._talk[1])

    def equal(self, a, b):
        other = issubclass(type(b), Proxy)
        if a is b:
            return True
        if b is None:
            return False
        if a._base:
            return self.plain(a) == (self.plain(b) if other and b._base else b)
        if other and b._base:
            return a == self.plain(b)
        if other and type(a) is type(b):
            try:
                return self.ask('fields', a._talk[1]) == self.ask('fields', b._talk[1])
            except Absent:
                pass
        finish(NOT_PLAIN, 'an object of class %s is compared' % type(a).__name__)

    def binary(self, a, b, d):
        if a._base and not self.overrides(a, d):
            return operate(self.plain(a), d, [self.plain(b) if issubclass(type(b), Proxy) and b._base else b])
        if not issubclass(type(b), Proxy) and not a._origin[:1].isupper():
            finish(NOT_PLAIN, 'an object of class %s is used with %s' % (type(a).__name__, d))
        value = self.ask('op', a._talk[1], [b], name=d)
        if issubclass(type(value), Proxy):
            object.__setattr__(value, '_origin', a._origin)
        return value

    def overrides(self, a, d):
        return a._origin[:1].isupper() and d not in vars(BASES[a._base])

    def contains(self, a, b):
        return any(x is b or x == b for x in (self.plain(a) if a._base else iter(a)))

    def no_base(self, p):
        finish(BAD_TEST, 'a test cannot derive a class from one of the program')


def is_own(v):
    """An instance of a class that the test defines, and a few of the library."""
    return type(v).__module__ == '__main__' or type(v) in (random.Random, io.StringIO, io.BytesIO)


# names --------------------------------------------------------------------------------------------------------------

class Names(dict):
    """The builtins of a test; names that nobody has defined are the program's."""
    def __missing__(self, name):
        if name in self.modules and name in LIBRARIES or name in JUDGES and name in self.library():
            value = self[name] = __import__(name) if name in self.modules and name in LIBRARIES else self.library()[name]
            return value
        try:
            value = asker.ask('get', 0, name=name)
        except Absent:
            if name in self.modules and name in sys.stdlib_module_names:
                return __import__(name)
            if name in self.library():
                return self.library()[name]
            raise KeyError(name) from None
        if issubclass(type(value), Proxy):
            if type(value).__name__ == 'module' and name in sys.stdlib_module_names:
                value = __import__(name)
            else:
                object.__setattr__(value, '_origin', name)
            self[name] = value
        return value

    @staticmethod
    def library():
        global _library
        if _library is None:
            _library = dict(stand_ins(), approx=sys.modules['pytest'].approx, raises=sys.modules['pytest'].raises,
                            Fraction=fractions.Fraction, Decimal=decimal.Decimal)
        return _library


_library = None


class Program(types.ModuleType):
    """`import main`: the program, as a module of the test."""
    def __getattr__(self, name):
        if name[:2] == '__':
            raise AttributeError(name)
        try:
            return asker.ask('get', 0, name=name)
        except Absent:
            raise AttributeError('the program has no ' + name) from None


def look_at(tree, names):
    """Which names are modules (`math` in math.sqrt); a builtin that the program defines, where the test names nothing else of it."""
    used, stored, attributes = set(), set(), set()
    for n in ast.walk(tree):
        if isinstance(n, ast.Name):
            (used if isinstance(n.ctx, ast.Load) else stored).add(n.id)
        elif isinstance(n, ast.arg):
            stored.add(n.arg)
        elif isinstance(n, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            stored.add(n.name)
        elif isinstance(n, (ast.Import, ast.ImportFrom)):
            stored.update((a.asname or a.name).split('.')[0] for a in n.names)
            if isinstance(n, ast.ImportFrom) and n.module in ('main', 'solution'):
                asker.asked = True
    bases = [n.value.id for n in ast.walk(tree) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)]
    loads = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    names.modules = {n for n in bases if bases.count(n) == loads.count(n)}
    if not used - stored - set(names) - (names.modules & LIBRARIES) - JUDGES and not asker.asked:
        theirs = asker.ask('names', 0, [sorted(used - stored)])
        asker.asked = False
        if len(theirs) == 1 and theirs[0] in used:
            return {theirs[0]: asker.ask('get', 0, name=theirs[0])}
    return {}


# the run ------------------------------------------------------------------------------------------------------------

def verdict(e):
    """Ends with what an exception says that nobody has caught."""
    at, tb, called = '', e.__traceback__, False
    while tb:
        if tb.tb_frame.f_code.co_filename == FILE:
            called = True
            at = 'line %d: %s\n' % (tb.tb_lineno, linecache.getline(FILE, tb.tb_lineno).strip())
        tb = tb.tb_next
    try:
        words = at + type(e).__name__ + (': ' + str(e) if str(e) else '')
    except BaseException:
        words = at + type(e).__name__
    if '_text' in vars(e):
        if isinstance(e, MemoryError):
            finish(NO_MEMORY, words)
        trace = asker.ask('trace', 0)
        finish(RAISED, at + str(trace))
    if not called:
        finish(BAD_TEST, 'outside of the test: ' + words)
    if isinstance(e, SystemExit):
        finish(FAILED, at + 'the test ends itself before its end')
    if isinstance(e, ImportError) and getattr(e, 'name', None) not in ('main', 'solution'):
        finish(BAD_TEST, words)
    if isinstance(e, (MemoryError, BlockingIOError)) or "start new thread" in words:
        finish(LIMIT, words)
    finish(FAILED, words)


def run_more(space, tree):
    """What a framework would run of a module: test cases, and functions test_... that the module itself does not call."""
    cases = [v for v in list(space.values()) if isinstance(v, type) and issubclass(v, unittest.TestCase) and v.__module__ == '__main__']
    for case in cases:
        case.setUpClass()
        for name in unittest.defaultTestLoader.getTestCaseNames(case):
            one = case(name)
            one.setUp()
            getattr(one, name)()
            one.tearDown()
            one.doCleanups()
        case.tearDownClass()
    called = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    for n in tree.body:
        f = space.get(getattr(n, 'name', None))
        if isinstance(n, ast.FunctionDef) and n.name[:4] == 'test' and n.name not in called and isinstance(f, types.FunctionType):
            for named in getattr(f, 'cases', [{}]):
                f(**named)


def main():
    global asker, stand_ins
    sys.path[:] = [p for p in sys.path if p not in ('', os.getcwd())]
    asker = Asker(os.dup(0), os.dup(1))
    asker.words = os.dup(2)
    os.dup2(2, 1)
    os.dup2(os.open('/dev/null', os.O_RDONLY), 0)
    head = b''
    while len(head) < 40:
        head += os.read(asker.source, 40 - len(head)) or os._exit(1)
    size, asker.most = map(int, head.split())
    text = b''
    while len(text) < size:
        text += os.read(asker.source, size - len(text)) or os._exit(1)
    random.seed(text)                # the same numbers in every run
    def over(number, frame):           # real time, or this process's CPU time: on whose behalf?
        finish(WAITING if asker.waiting else LIMIT, 'the time of the test is over')
    signal.signal(signal.SIGTERM, over)
    signal.signal(signal.SIGXCPU, over)
    space = sys.modules['__main__'] = types.ModuleType('__main__')
    space = space.__dict__
    sys.modules['main'] = sys.modules['solution'] = Program('main')
    names = Names(vars(builtins))
    space['__builtins__'] = names
    unittest.main = lambda *_, **__: None
    try:
        os.write(asker.sink, b'\0')
        text = text.decode()
        linecache.cache[FILE] = len(text), None, text.splitlines(True), FILE
        tree = ast.parse(text, FILE)
        code = compile(tree, FILE, 'exec', 0, True)
    except OSError:
        finish(NO_ANSWER)
    except BaseException as e:
        finish(BAD_TEST, '%s: %s' % (type(e).__name__, e))
    try:
        space.update(look_at(tree, names))
        exec(code, space)
        run_more(space, tree)
    except BaseException as e:
        verdict(e)
    if not asker.asked:
        finish(BAD_TEST, 'the test asks nothing of the program')
    finish(PASSED)
