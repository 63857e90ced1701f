# the right answer to the wrong stream
# EXPECT: wrong_answer  OUTPUT: 7
import sys
print(7, file=sys.stderr)
