# prints what cannot be encoded: its own failure
# EXPECT: runtime_error/exit  OUTPUT: 7
print("\ud800")
