# a print and a stdout that say what somebody would like to hear
# EXPECT: wrong_answer  OUTPUT: 7
import builtins, sys
class Out:
    def write(self, s): return len(s)
    def flush(self): pass
    def __eq__(self, o): return True
    encoding, closed = "utf-8", False
sys.stdout = Out()
builtins.print = lambda *a, **k: None
print(7)
