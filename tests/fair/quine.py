# EXPECT stands below: prints itself
# EXPECT: accepted  OUTPUT: 4
with open(__file__) as f:
    print(len(f.readlines()))
