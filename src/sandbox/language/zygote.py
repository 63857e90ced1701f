"""The Python side of python.c.  Three generations of process:

zygote   trusted; the usual modules imported, garbage collector frozen; forks a program on request
program  one per guest program: compiles it once, forks a run on request
run      the guest: gives everything up, then behaves as `python3 main.py` does

All are cloned with CLONE_PARENT, so that the launcher itself is their parent and reaps them; the
program process enters the pid namespace of a run (setns) before it forks into it.  The loops are in
zygote_so.c: programs and runs are born in C; a run comes back to Python with nothing left to give up."""
import sys, os
os.environ.pop('PYTHONHASHSEED', None); os.environ.pop('LD_BIND_NOW', None)
import site, builtins, types, ctypes, gc, signal, io, atexit, threading
import _thread, marshal, math, collections, itertools, functools, heapq, bisect, string, re, random, copy
import operator, typing, time, array, linecache, traceback, importlib.machinery
import encodings.utf_8_sig, encodings.ascii, encodings.latin_1
site.setquit(); site.setcopyright(); site.sethelper()


CALLS, TESTER, SERVED = 2, 5, 6      # kinds of program: box.h's ready_kind_t
CHECKERS = {1: ('input', 'expected', 'output'), 3: ('input', 'expected', 'feedback/'), 4: ('input', 'output', 'expected')}


def zygote():
    """Comes back in a program's process, with what `run` needs, and before a run is born, so that no run has to give
    these frames up."""
    helper = ctypes.PyDLL('./serve.so')
    helper.serve_program.restype, helper.serve_kind.restype = ctypes.py_object, ctypes.c_long
    os.chdir('/tmp')
    exec(compile(sys.argv[1], 'calls.py', 'exec'), globals())
    sys.argv, sys.orig_argv = ['main.py'], ['python3', 'main.py']
    sys.path[0:1] = ['/tmp']
    sys.path_importer_cache.clear()
    helper.serve_ready()
    gc.collect()
    gc.freeze()
    os.write(3, sys.version.split()[0].encode()[:16].ljust(16))
    source, kind = helper.serve_program(), helper.serve_kind()
    if kind == SERVED:               # talk.py comes first
        n = 8 + int.from_bytes(source[:8], sys.byteorder)
        exec(marshal.loads(source[8:n]), talk.__dict__)
        source, kind = source[n:], CALLS
    try:
        code = compile(source, 'main.py', 'exec', 0, True)
    except BaseException as e:
        try:
            text = ''.join(traceback.format_exception_only(e))[:4000]
        except BaseException:
            text = type(e).__name__
        os.write(3, b'E' + text.encode('utf-8', 'backslashreplace'))
        os._exit(0)
    if kind == TESTER:
        return loaded(code), True, kind, helper.serve_runs
    def says(*words):
        return any(w in source for w in words)
    late = kind == CALLS or says(b'__del__', b'finally', b'with', b'yield', b'weakref', b'async', b'open', b'IO', b'Buffer',
                                 b'file', b'File', b'exec', b'eval', b'compile', b'import_module', b'__import__', b'ctypes', b'gc')
    sys.argv[1:] = CHECKERS.get(kind, ())
    names = stand_ins() if kind == CALLS and is_solution(source) else {}
    held = [names, None if late else begin(), code, says(b'random', b'import_module', b'__import__'), says(b'native_id')]
    return held, late, kind, helper.serve_runs


def loaded(code):
    """tester.py, loaded: what its runs begin with."""
    space = {'__name__': 'tester', '__builtins__': builtins}
    exec(code, space)
    gc.collect()
    return space['main']


def begin(name='__main__'):
    """A fresh __main__ as the interpreter makes it, or a module whose functions are called; kept by sys.modules alone."""
    main = sys.modules['__main__'] = sys.modules[name] = types.ModuleType(name)
    main.__dict__.update(__file__='/tmp/main.py', __cached__=None, __builtins__=builtins, __annotations__={},
                         __loader__=importlib.machinery.SourceFileLoader(name, '/tmp/main.py'))
    return main.__dict__


def run(all, _exit=os._exit, SE=SystemExit, KI=KeyboardInterrupt, BE=BaseException, collect=gc.collect,
        file=io.IOBase, threads=_thread._count, callbacks=atexit._ncallbacks):
    """exec, then what the interpreter does at its end, in its order; a status as it would give.  What nobody
    could see is left out (late: the program may have objects whose end is visible), because it costs pages."""
    held, late, kind, serve = all
    all = None
    gc.freeze()
    if serve():
        _exit(125)
    serve = None
    if kind == TESTER:
        held()
    status = 0
    try:
        try:
            if held.pop():
                threading.main_thread()._set_native_id()
            if held.pop():
                random.seed()
            if kind == CALLS:        # before the program's first instruction
                call, main, code = read_call(0), begin('main'), held.pop()
                held.pop()
                main.update(held.pop())
                if call[:1] == b'\0':
                    serve_asker(talk, code, main, call)
                tell, where, call, value_of = answer, os.dup(1), call_code(call), eval
                os.dup2(2, 1)
                exec(code, main)
                tell(value_of(call, main), where)
                main = None
            else:
                exec(held.pop(), held.pop() or begin())
        except SE as e:
            status = e.code
            if status is None:
                status = 0
            elif isinstance(status, int):
                status = int(status) & 255 if abs(status) < 1 << 63 else 255
            else:
                text, status = str(status), 1
                sys.stderr.write(text + '\n')
        except BE as e:
            status = -2 if isinstance(e, KI) else 3 if kind in CHECKERS else 1
            tb = e.__traceback__.tb_next
            while tb and tb.tb_frame.f_code.co_filename in ('calls.py', 'talk.py'):
                tb = tb.tb_next
            e.__traceback__ = tb
            sys.excepthook(type(e), e, tb)
    except BE:
        status = status or 1
    try:
        if threads() or getattr(threading, '_threading_atexits', None):
            threading._shutdown()
    except BE:
        pass
    try:
        if callbacks():
            atexit._run_exitfuncs()
    except BE:
        pass

    def flush(out):
        try:
            if out is not None and not out.closed:
                out.flush()
        except BE:
            return 120
        return 0
    bad = flush(sys.stdout)
    flush(sys.stderr)
    if not late and not status:
        _exit(flush(sys.__stdout__) or bad)
    try:                             # the program's globals go, so that files close and __del__ runs
        for v in list(sys.modules['__main__'].__dict__.values()):
            if isinstance(v, file) and not v.closed and v.writable():
                v.flush()
        v = None
        sys.modules.pop('__main__', None)
        sys.modules.pop('main', None)
        collect()
    except BE:
        pass
    bad = flush(sys.__stdout__) or bad
    flush(sys.__stderr__)
    if status == -2:
        signal.signal(2, signal.SIG_DFL)
        os.kill(os.getpid(), 2)
    _exit(status & 255 if status else bad)


talk = types.ModuleType('talk')
run(zygote())
