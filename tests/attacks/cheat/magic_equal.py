# objects that equal everything, patched print and stdout: only bytes count
# EXPECT: wrong_answer  OUTPUT: 7
import builtins, sys
class All(str):
    def __eq__(self, o): return True
    def __hash__(self): return hash("7")
builtins.print = lambda *a: sys.__stdout__.write(All("8\n"))
print(All("7"))
