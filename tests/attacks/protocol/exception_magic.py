# an uncaught exception that pretends to be none
# EXPECT: runtime_error  OUTPUT: 7
import sys
class E(Exception):
    __traceback__ = property(lambda s: 1 / 0)
    __class__ = property(lambda s: SystemExit)
    code = 0
    def __str__(self): raise E
sys.excepthook = lambda *a: None
print(7, flush=True)
raise E
