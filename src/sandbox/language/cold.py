"""Python without a zygote: what `python3 -S -s -B -c` is given, with one word.

check     compiles main.py and says what is wrong with it, so that this is told from a failing run
plain     runs main.py as `python3 main.py` does (zygote.py's run does the same in other circumstances)
checker   the same for a special checker, whose exceptions must be told (3) from its answers (0, 1)

What is here is gone from __main__ before the program's first instruction."""
import sys


def _start(word, arguments):
    import builtins, os, site, types

    def compiled():
        with open('main.py', 'rb') as f:
            return compile(f.read(), 'main.py', 'exec', 0, True)

    if word == 'check':
        try:
            compiled()
        except BaseException as e:
            try:
                import traceback
                text = ''.join(traceback.format_exception_only(e))[:4000]
            except BaseException:
                text = type(e).__name__
            os.write(1, text.encode('utf-8', 'backslashreplace'))
            os._exit(9)
        os._exit(0)
    site.setquit()
    site.setcopyright()
    site.sethelper()
    sys.argv[:] = sys.orig_argv[:] = ['main.py'] + arguments
    sys.orig_argv.insert(0, 'python3')
    sys.path[0:1] = [os.getcwd()]
    old, main = sys.modules['__main__'], types.ModuleType('__main__')
    main.__dict__.update(__file__=os.path.join(os.getcwd(), 'main.py'), __cached__=None, __builtins__=builtins, __annotations__={})
    sys.modules['__main__'] = main
    try:
        exec(compiled(), main.__dict__)
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as e:
        tb = e.__traceback__.tb_next
        e.__traceback__ = tb
        sys.excepthook(type(e), e, tb)
        sys.exit(3 if word == 'checker' else 1)


_start(sys.argv[1], sys.argv[2:])
