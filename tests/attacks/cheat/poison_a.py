# poisons everything a later program could inherit (read by poison_b)
# EXPECT: accepted  OUTPUT: 7  NEEDS: namespaces
import builtins, sys, math, os, random, time
open("leftover", "w").write("4711-answer")
os.makedirs("a/b/c")
os.chmod("a", 0)
builtins.print_saved = print
builtins.sum = lambda *a: 42
math.sqrt = lambda x: 42
sys.modules["heapq"] = None
sys.poisoned = 1
os.environ["POISON"] = "1"
os.umask(0)
sys.setrecursionlimit(50)
print(7)
