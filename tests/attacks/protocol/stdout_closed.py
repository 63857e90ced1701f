# closes stdout, then prints
# EXPECT: runtime_error wrong_answer  OUTPUT: 7
import os
os.close(1)
print(7)
