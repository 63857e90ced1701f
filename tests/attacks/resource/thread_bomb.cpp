// thread bomb that goes on for ever after every refusal
// EXPECT: time_limit
#include <system_error>
#include <thread>
#include <unistd.h>
int main()
{
    for (;;)
        try {
            std::thread([] { pause(); }).detach();
        } catch (const std::system_error &) {
        }
}
