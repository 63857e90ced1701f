// a main that is no function
// EXPECT: compile_error runtime_error
int main = 195;
