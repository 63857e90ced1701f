// Samples of input and output are cut out of statements as data sets write them, with their headings named;
// what only looks like a sample stays, to the byte, and nothing is cut of a statement that is all samples.
// RUN: np=1
#include "test.h"
#include "io.h"

#define ASK "Read the numbers of a list and print the largest of them on a line of its own.\n"

static const struct {
    const char *what, *statement, *rest, *heads; /* rest NULL: all of it */
} rows[] = {
    {"no samples", ASK, NULL, ""},
    {"empty", "", NULL, ""},
    {"one line without its newline", "Print the largest of the numbers that stand on the line.",
     NULL, ""},
    {"a judge's, with a note",
     ASK
     "\nInput\n\nThe first line holds n (1 <= n <= 9).\n\nOutput\n\nPrint it.\n\nExamples\n\nInput\n\n3\n1 2 "
     "3\n\nOutput\n\n3\n\nInput\n\n1\n5\n\nOutput\n\n5\n\nNote\n\nIn the first one it is 3.\n",
     ASK
     "\nInput\n\nThe first line holds n (1 <= n <= 9).\n\nOutput\n\nPrint it.\n\nNote\n\nIn the first one it is 3.\n",
     "Examples"},
    {"dashes",
     ASK
     "-----Input-----\nn and a list\n-----Sample Input-----\n2\n4 1\n\n-----Sample Output-----\n4\n",
     ASK "-----Input-----\nn and a list\n", "Sample Input"},
    {"numbers behind headings, two runs",
     ASK
     "Constraints\n\n* 1 \\leq N\n\nSample Input 1\n\n1 2\n\nSample Output 1\n\n2\n\nSample Input 2\n\n7\n\nSample Output 2\n\n7\n",
     ASK "Constraints\n\n* 1 \\leq N\n\n", "Sample Input 1"},
    {"labels with data, constraints behind",
     ASK
     "\nExample 1:\n\nInput: nums = [2,7], k = 9\nOutput: 7\nExplanation: 7 is above 2 and so it is the "
     "answer here.\n\nExample 2:\n\nInput: nums = []\nOutput: -1\n\nConstraints:\n\n0 <= n\n",
     ASK "\nConstraints:\n\n0 <= n\n", "Example 1"},
    {"what is to be done behind them",
     ASK "Example 1:\nInput:\nN = 3\nOutput:\n-1\n\nYour Task:\nComplete the function.\n",
     ASK "Your Task:\nComplete the function.\n", "Example 1"},
    {"markdown with fences",
     "# Largest\n" ASK
     "**Sample Input 0**\n\n```\n## 1\nNote\n```\n\n**Sample Output 0**\n\n```\n1\n```\n\n## Limits of the input\nNone.\n",
     "# Largest\n" ASK "## Limits of the input\nNone.\n", "Sample Input 0"},
    {"hypertext", ASK "<h3>Sample Input</h3>\n<pre>3</pre>\n<h3>Sample Output</h3>\n<pre>3</pre>\n",
     ASK, "Sample Input"},
    {"carriage returns",
     "Print the largest of the numbers on the line.\r\nSample Input:\r\n1\r\nSample Output:\r\n1\r\nNote:\r\nGood luck.\r\n",
     "Print the largest of the numbers on the line.\r\nNote:\r\nGood luck.\r\n", "Sample Input"},
    {"two sections",
     ASK "Sample Input\n1\nSample Output\n1\nNotes\nOne.\nSample Input\n2\nSample Output\n2\n",
     ASK "Notes\nOne.\n", "Sample Input, Sample Input"},
    {"pairs without a heading",
     ASK "Input: 3 4\nOutput: 4\nInput: [1, 2]\nOutput: 2\nThe list may be empty.\n",
     ASK "The list may be empty.\n", "Input: 3 4, Input: [1, 2"},
    {"prose behind the samples",
     ASK
     "Examples:\nInput: 3\nOutput: 3\n\nNote that a list may be empty, and then nothing is to be printed at all.\n",
     ASK "Note that a list may be empty, and then nothing is to be printed at all.\n", "Examples"},
    {"described behind the samples",
     ASK
     "Sample Input\n1 2\nSample Output\n2\nInput\nThe first line holds two numbers, a and b.\nOutput\nOne.\n",
     ASK "Input\nThe first line holds two numbers, a and b.\nOutput\nOne.\n", "Sample Input"},
    /* what is none */
    {"described, not shown", ASK "Input: integer n\nOutput: integer m\n", NULL, ""},
    {"bounds", ASK "Input: n (1 <= n <= 10)\nOutput: 2^n\n", NULL, ""},
    {"sentences behind labels",
     ASK "Input: The first line has 3 numbers, a, b and c.\nOutput: Print 1 number.\n", NULL, ""},
    {"an example in words", ASK "For example, if the list is 1 2 3, then 3 is printed.\n", NULL,
     ""},
    {"an example without input and output",
     ASK "# Example:\n`largest([1,2]) == 2`\n\nThe list is never empty.\n", NULL, ""},
    {"a word in a sentence",
     ASK "The sample input is in the file.\nExamples of lists are these: 1 2.\n", NULL, ""},
    {"nothing would stay", "Examples\nInput\n1 2\nOutput\n2\n", NULL, ""},
    {"a fence that nobody closes", ASK "Examples\n```\nInput\n1\nOutput\n1\nConstraints\nn < 3\n",
     NULL, ""},
};

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    text_t rest = {0}, heads = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        text_clear(&heads);
        text_add(&heads, "");
        int n = statement_samples(rows[i].statement, &rest, &heads), want = *rows[i].heads != 0;
        for (const char *s = rows[i].heads; (s = strstr(s, ", ")) && s[2] != '2'; s++)
            want++;
        check(n == want, "%s: %d sections, not %d", rows[i].what, n, want);
        check(!strcmp(rest.s, rows[i].rest ? rows[i].rest : rows[i].statement), "%s: '%s'",
              rows[i].what, rest.s);
        check(!strcmp(heads.s, rows[i].heads), "%s: headings '%s'", rows[i].what, heads.s);
        check(statement_samples(rest.s, &heads, NULL) == 0, "%s: cut twice", rows[i].what);
    }
    static const char *const piece[] = {"Sample Input 1\n", "Example\n", "Input\n\n\n",
                                        "Input: 3\n\n", "```\nSample Input\n```\n```\n"};
    text_t many = {0};
    double start = clock_now();
    for (int k = 0; k < 5; k++) { /* long ones take no longer than they are */
        text_clear(&many);
        for (int i = 0; i < 40000; i++)
            text_add(&many, piece[i % 2 ? k : i % 5 == 0 ? 2 : k]);
        text_add(&many, ASK);
        statement_samples(many.s, &rest, NULL);
    }
    check(clock_now() - start < 20, "%g s", clock_now() - start);
    text_reset(&many), text_reset(&rest), text_reset(&heads);
    return test_end();
}
