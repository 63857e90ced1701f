# one line without end is compared, capped, never kept whole
# EXPECT: wrong_answer  OUTPUT: 7
print("7" * 900000)
