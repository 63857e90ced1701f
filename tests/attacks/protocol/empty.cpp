// no answer at all
// EXPECT: wrong_answer  OUTPUT: 7
int main() {}
