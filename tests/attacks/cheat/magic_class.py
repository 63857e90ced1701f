# classes whose instances equal, contain and order everything
# EXPECT: wrong_answer  OUTPUT: 7
class Any(int):
    __eq__ = __le__ = __ge__ = __contains__ = lambda *a: True
    __ne__ = __lt__ = lambda *a: False
    __hash__ = lambda s: 0
    __str__ = __repr__ = lambda s: "any"
    __format__ = lambda s, f: "any"
print(Any(7))
