# modules of its own in place of the library's: for itself only
# EXPECT: accepted  OUTPUT: 42  INPUT: twice  NEEDS: namespaces
import sys, os
assert os.listdir(".") == ["main.py"]
open("json.py", "w").write("x = 42\n")
open("sitecustomize.py", "w").write("print('owned')\n")
open("usercustomize.py", "w").write("print('owned')\n")
open("encodings.py", "w").write("1 / 0\n")
sys.modules.pop("json", None)
import json
print(json.x)
