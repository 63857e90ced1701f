# nan where a number is expected
# EXPECT: wrong_answer  OUTPUT: 7.0  CHECK: float
print("nan")
