# bytes that are not UTF-8
# EXPECT: compile_error
print("ÿþ")
