# a non-zero status after the right answer
# EXPECT: runtime_error/exit  OUTPUT: 7
import sys
print(7)
sys.exit(3)
