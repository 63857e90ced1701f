# prints errors without end
# EXPECT: output_limit/stderr
import sys
while True:
    sys.stderr.write("e" * 10000)
