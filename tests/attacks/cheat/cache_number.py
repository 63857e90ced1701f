# its own number: it would tell how many ran before it
# EXPECT: accepted  OUTPUT: fresh  INPUT: twice  NEEDS: namespaces
import os
print("fresh" if os.getpid() == 2 else "cached")
