"""The Python side of python.c.  Three generations of process:

zygote   trusted; the usual modules imported, garbage collector frozen; forks a program on request
program  one per guest program: compiles it once, forks a run on request
run      the guest: gives everything up, then behaves as `python3 main.py` does

All are cloned with CLONE_PARENT, so that the launcher itself is their parent and reaps them; the
program process enters the pid namespace of a run (setns) before it forks into it.  Its loop is in
zygote_so.c: a run is born in C and comes back to Python with nothing left to give up."""
import sys, os
os.environ.pop('PYTHONHASHSEED', None)
import site, builtins, types, ctypes, gc, resource, socket, struct, signal, io, atexit, threading
import _thread, math, collections, itertools, functools, heapq, bisect, string, re, random, copy
import operator, typing, time, array, linecache, traceback, importlib.machinery
import encodings.utf_8_sig, encodings.ascii, encodings.latin_1
site.setquit(); site.setcopyright(); site.sethelper()


CHECKER, CALLS = 1, 2                # kinds of program: box.h


def own_pages():
    """Makes every read-only segment (code, constants) one that fork copies with its page tables.

    Linux leaves the page tables of a mapping out of a fork as long as none of its pages was ever
    written; each run would then fault its way through the interpreter's code again, a third of its time.
    One byte per segment is written over itself."""
    class Header(ctypes.Structure):
        _fields_ = [('kind', ctypes.c_uint32), ('flags', ctypes.c_uint32), ('offset', ctypes.c_uint64),
                    ('at', ctypes.c_uint64), ('physical', ctypes.c_uint64), ('in_file', ctypes.c_uint64),
                    ('size', ctypes.c_uint64), ('align', ctypes.c_uint64)]

    class Object(ctypes.Structure):
        _fields_ = [('base', ctypes.c_uint64), ('name', ctypes.c_char_p),
                    ('header', ctypes.POINTER(Header)), ('n', ctypes.c_uint16)]
    libc, todo, page = ctypes.CDLL(None), [], resource.getpagesize()

    def visit(o, size, data):
        for i in range(o.contents.n):
            h = o.contents.header[i]
            if h.kind == 1 and not h.flags & 2:
                start = (o.contents.base + h.at) & -page
                length = (o.contents.base + h.at + h.in_file - start + page - 1) & -page
                todo.append((start, length, (h.flags >> 2 & 1) | (h.flags & 1) << 2))
        return 0
    libc.dl_iterate_phdr(ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Object), ctypes.c_size_t,
                                          ctypes.c_void_p)(visit), None)
    protect = libc.mprotect
    protect.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    for start, length, how in todo:
        if protect(start, length, how | 2) == 0:
            byte = ctypes.c_ubyte.from_address(start)
            byte.value = byte.value
            protect(start, length, how)


def zygote():
    long = ctypes.c_long
    helper = ctypes.PyDLL('./serve.so')
    os.chdir('/tmp')
    nr_clone = long(int(sys.argv[1]))
    call, api = ctypes.PyDLL(None).syscall, ctypes.pythonapi
    call.restype = helper.serve.restype = long
    place = helper.serve_find()
    before, child, parent = (api.PyOS_BeforeFork, api.PyOS_AfterFork_Child,
                             api.PyOS_AfterFork_Parent)
    before.restype = child.restype = parent.restype = None
    exec(compile(sys.argv[2], 'calls.py', 'exec'), globals())
    zero, flags = long(0), long(0x8000 | signal.SIGCHLD)
    recv_fds, setrlimit, _exit, close = socket.recv_fds, resource.setrlimit, os._exit, os.close
    sys.argv, sys.orig_argv = ['main.py'], ['python3', 'main.py']
    sys.path[0:1] = ['/tmp']
    sys.path_importer_cache.clear()

    def fork():
        before()
        pid = call(nr_clone, flags, zero, zero, zero, zero)
        if pid == 0:
            child()
        else:
            parent()
        return pid

    def exactly(s, n):
        got = bytearray()
        while len(got) < n:
            part = s.recv(min(n - len(got), 1 << 16))
            if not part:
                _exit(0)
            got += part
        return bytes(got)

    def program(fd):
        """What `run` needs; it comes back before a run is born, so that no run has to give these frames up."""
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=fd)
        n, n_bound, kind, cpu, space = struct.unpack('<5q', exactly(s, 40))
        bound = ctypes.create_string_buffer(exactly(s, 24 * n_bound))
        free = resource.RLIM_INFINITY
        setrlimit(resource.RLIMIT_CPU, (cpu, free))
        setrlimit(resource.RLIMIT_AS, (space, free))
        try:
            source = exactly(s, n)
            code = compile(source, 'main.py', 'exec', 0, True)
        except BaseException as e:
            try:
                text = ''.join(traceback.format_exception_only(e))[:4000]
            except BaseException:
                text = type(e).__name__
            s.sendall(b'E' + text.encode('utf-8', 'backslashreplace'))
            _exit(0)
        def says(*words):
            return any(w in source for w in words)
        late = says(b'__del__', b'finally', b'with', b'yield', b'weakref', b'async', b'open', b'IO', b'Buffer',
                    b'file', b'File', b'exec', b'eval', b'compile', b'import_module', b'__import__', b'ctypes', b'gc')
        late = late or kind == CALLS
        if kind == CHECKER:
            sys.argv[1:] = 'input', 'expected', 'output'
        held = [None if late else begin(), code, says(b'random', b'import_module', b'__import__'), says(b'native_id')]
        s.sendall(b'K')
        return held, late, kind, helper.serve, s.detach(), place, n_bound, bound

    control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=3)
    own_pages()
    gc.collect()
    gc.freeze()
    control.sendall(sys.version.split()[0].encode()[:16].ljust(16))
    while True:
        got, fds, _, _ = recv_fds(control, 1, 1)
        if not got:
            _exit(0)
        pid = fork()
        if pid == 0:
            break
        close(fds[0])
        control.sendall(struct.pack('<i', pid))
    control.detach()
    return program(fds[0])


def begin(name='__main__'):
    """A fresh __main__ as the interpreter makes it, or a module whose functions are called; kept by sys.modules alone."""
    main = sys.modules['__main__'] = sys.modules[name] = types.ModuleType(name)
    main.__dict__.update(__file__='main.py', __cached__=None, __builtins__=builtins, __annotations__={},
                         __loader__=importlib.machinery.SourceFileLoader(name, 'main.py'))
    return main.__dict__


def run(all, _exit=os._exit, SE=SystemExit, KI=KeyboardInterrupt, BE=BaseException, collect=gc.collect,
        file=io.IOBase, threads=_thread._count, callbacks=atexit._ncallbacks):
    """exec, then what the interpreter does at its end, in its order; a status as it would give.  What nobody
    could see is left out (late: the program may have objects whose end is visible), because it costs pages."""
    held, late, kind, serve, *how = all
    all = None
    collect()
    gc.freeze()
    if serve(*how):
        _exit(125)
    serve = how = None
    status = 0
    try:
        try:
            if held.pop():
                threading.main_thread()._set_native_id()
            if held.pop():
                random.seed()
            if kind == CALLS:        # before the program's first instruction
                tell, where, call, value_of = answer, os.dup(1), call_code(read_all(0)), eval
                os.dup2(2, 1)
                main = begin('main')
                exec(held.pop(), main)
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
            status = -2 if isinstance(e, KI) else 3 if kind == CHECKER else 1
            tb = e.__traceback__.tb_next
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


run(zygote())
