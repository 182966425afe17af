#include "broker/registry/redis/mailbox.hpp"

#include <sys/eventfd.h>
#include <unistd.h>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace broker::redis {

mailbox::mailbox() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

mailbox::~mailbox() {
    ::close(descriptor_);
}

void mailbox::post(work what) {
    {
        std::lock_guard const lock(mutex_);
        if (!closed_) {
            waiting_.push_back(std::move(what));
            // One wake-up is enough until the thread has taken what there is.
            if (waiting_.size() != 1) return;
            std::uint64_t const one = 1;
            [[maybe_unused]] auto const written = ::write(descriptor_, &one, sizeof one);
            return;
        }
    }
    std::lock_guard const lock(after_);
    what();
}

std::vector<mailbox::work> mailbox::take() {
    std::lock_guard const lock(mutex_);
    if (!waiting_.empty()) {
        std::uint64_t count = 0;
        [[maybe_unused]] auto const read = ::read(descriptor_, &count, sizeof count);
    }
    return std::exchange(waiting_, {});
}

void mailbox::close() {
    std::lock_guard const after(after_);
    std::vector<work> left;
    {
        std::lock_guard const lock(mutex_);
        closed_ = true;
        left = std::exchange(waiting_, {});
    }
    for (work& each : left) each();
}

}  // namespace broker::redis
