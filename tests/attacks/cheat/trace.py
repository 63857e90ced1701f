# traces and profiles everything that runs after it in the same interpreter
# EXPECT: accepted  OUTPUT: 7
import sys, threading
seen = []
def trace(frame, event, arg):
    seen.append(frame.f_code.co_name)
    return trace
sys.settrace(trace)
sys.setprofile(trace)
sys.addaudithook(lambda *a: None)
print(7)
