# removes its own folder
# EXPECT: accepted  OUTPUT: safe  NEEDS: namespaces
import os
os.chmod("/tmp", 0)
try:
    os.rmdir("/tmp")
    print("removed")
except OSError:
    print("safe")
