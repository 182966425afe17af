#pragma once

#include "broker/unique_function.hpp"

#include <mutex>
#include <vector>

// Work for a thread that waits on a file descriptor.

namespace broker::redis {

class mailbox {
public:
    using work = unique_function<void()>;

    mailbox();  // throws std::system_error
    ~mailbox();

    mailbox(mailbox const&) = delete;
    mailbox& operator=(mailbox const&) = delete;

    // From any thread. After close() it runs at once, where it is posted, one at a time.
    void post(work what);

    // Readable when there is work. The thread takes all of it at a time.
    int descriptor() const noexcept { return descriptor_; }
    std::vector<work> take();
    // The thread takes no more: what is left runs now, on it.
    void close();

private:
    int descriptor_;
    std::mutex mutex_;
    std::vector<work> waiting_;
    bool closed_ = false;
    std::recursive_mutex after_;  // held by what runs after close(), which may post
};

}  // namespace broker::redis
