# busy loop
# EXPECT: time_limit/cpu
while True:
    pass
