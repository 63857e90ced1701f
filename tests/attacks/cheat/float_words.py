# infinity and nan for a number
# EXPECT: wrong_answer  OUTPUT: 7.0 1.0  CHECK: float
print("inf", "NaN")
