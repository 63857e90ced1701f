# patches what judges in the same process would use; nothing of it judges here
# EXPECT: wrong_answer  OUTPUT: 7
import builtins, sys, unittest.mock, operator
operator.eq = lambda a, b: True
builtins.all = builtins.any = lambda x: True
builtins.str = type("str", (str,), {"__eq__": lambda a, b: True, "split": lambda *a: ["7"]})
for name in list(sys.modules):
    if name.startswith(("json", "unittest", "pytest")):
        sys.modules[name] = unittest.mock.MagicMock()
sys.stdout.write("8\n")
