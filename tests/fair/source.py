# its own source, by its name, by inspect, and in a traceback
# EXPECT: accepted  OUTPUT: True True True True
import inspect, os, sys, traceback
def wanted():
    return 4711
text = open(__file__).read()
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.path.basename(sys.argv[0]))
try:
    wanted() / 0            # this very line
except ZeroDivisionError:
    lines = traceback.format_exc()
print(text.startswith("# its own"), "return 4711" in inspect.getsource(wanted), "this very line" in lines, open(here).read() == text)
