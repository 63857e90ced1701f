# and the next program sees none of it
# EXPECT: accepted  OUTPUT: 7
print("verdict"[0] == "v" and 3 + 4)
