// waits for a lock that is never let go
// EXPECT: time_limit/wall runtime_error
#include <mutex>
int main()
{
    std::timed_mutex m;
    m.lock();
    while (!m.try_lock_for(std::chrono::hours(1))) {}
}
