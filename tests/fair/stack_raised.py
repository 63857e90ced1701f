# the usual head of a recursive solution: limits raised, a thread with a large stack
# EXPECT: accepted  OUTPUT: 150000  LIMITS: memory_kb=524288 cpu_ms=5000
import resource, sys, threading
resource.setrlimit(resource.RLIMIT_STACK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
sys.setrecursionlimit(10 ** 7)
threading.stack_size(512 * 1024 * 1024)
def depth(n):
    return 0 if n == 0 else 1 + max(map(depth, [n - 1]))
t = threading.Thread(target=lambda: print(depth(150000)))
t.start()
t.join()
