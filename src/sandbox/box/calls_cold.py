"""calls.py without a zygote: the rest of what such a run executes."""


def cold_call(talk):
    """Without a zygote: main.py as a module, then the call; the answer goes where stdout was."""
    import os, sys, types
    call = read_call(0)
    main = sys.modules['main'] = types.ModuleType('main')
    main.__file__ = sys.argv[0] = 'main.py'
    with open('main.py', 'rb') as f:
        source = f.read()
    code = compile(source, 'main.py', 'exec', 0, True)
    if is_solution(source):
        main.__dict__.update(stand_ins())
    if call[:1] == b'\0':
        module = types.ModuleType('talk')
        exec(compile(talk, 'talk.py', 'exec'), module.__dict__)
        serve_asker(module, code, main.__dict__, call)
    call, fd, value_of, tell = call_code(call), os.dup(1), eval, answer      # before the program's first instruction
    os.dup2(2, 1)
    exec(code, main.__dict__)
    tell(value_of(call, main.__dict__), fd)
