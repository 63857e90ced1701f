# leaves with status 0 before it has answered
# EXPECT: wrong_answer  OUTPUT: 7
import os
print(7)
os._exit(0)
