"""The end of the program that is tested: does what it is asked, under its own limits.  Nothing here need be trusted: what
the program could make of it are other answers, which it may give anyway."""
import signal


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
                wait_for_the_end()
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


def wait_for_the_end():
    """The test is over; the launcher sees to the rest."""
    while True:
        signal.pause()


def serve(source, sink, main, begun):
    """The program is loaded: answers until nobody asks any more."""
    p = Served(source, sink)
    p.main = main
    sys.setrecursionlimit(sys.getrecursionlimit() + 10)          # for the calls from here to the program's own
    p.parts = [begun] if begun else []
    while (line := p.receive()) is not None:
        p.send(p.answer(read_line(line.decode())))
    wait_for_the_end()
