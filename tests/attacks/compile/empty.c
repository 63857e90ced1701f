// nothing
// EXPECT: compile_error
