# a pattern of exponential cost
# EXPECT: time_limit/cpu
import re
print(re.match("(a+)+$", "a" * 60 + "b"))
