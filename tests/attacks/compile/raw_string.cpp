// the wrong language
// EXPECT: compile_error
print("7")
