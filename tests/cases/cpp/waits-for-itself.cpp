// tries: "waits for a lock that it holds"
// expect: ["time_limit"]
// time_s: 1
#include <mutex>
int main() {
    std::mutex mutex;
    mutex.lock();
    mutex.lock();
}
