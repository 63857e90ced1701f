# more numbers than expected
# EXPECT: wrong_answer  OUTPUT: 1.0 2.0  CHECK: float
print("1.0 2.0 3.0")
