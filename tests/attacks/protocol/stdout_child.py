# a child of another program answers
# EXPECT: accepted  OUTPUT: 7
import subprocess, sys
subprocess.run(["/bin/sh", "-c", "read a b; echo $((a + b))"])
