// CPU burnt in threads after the first one has ended
// EXPECT: time_limit
#include <pthread.h>
#include <thread>
int main()
{
    for (int i = 0; i < 4; i++)
        std::thread([] { for (volatile int i = 0;; i = i + 1) {} }).detach();
    pthread_exit(nullptr);
}
