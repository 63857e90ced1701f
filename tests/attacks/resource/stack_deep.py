# C frames as deep as the memory limit lets them be: no more than that
# EXPECT: memory_limit runtime_error
import resource, sys
resource.setrlimit(resource.RLIMIT_STACK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
sys.setrecursionlimit(1 << 30)
class A:
    def __getattr__(self, name):
        return getattr(self, name + "x"[:0])
A().b
