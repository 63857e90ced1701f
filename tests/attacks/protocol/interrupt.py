# an interrupt of its own
# EXPECT: runtime_error  OUTPUT: 7
print(7, flush=True)
raise KeyboardInterrupt
