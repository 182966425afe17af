#include "chat/refusal.hpp"

namespace chat {

std::string refusal::sentence() const {
    return detail.empty() ? std::string(describe(code).title) : detail;
}

refusal to_refusal(boost::system::error_code failed) {
    auto const ours = failed.category() == error_category();
    return refusal(ours ? static_cast<errc>(failed.value()) : errc::store_unavailable);
}

broker::app_error to_app_error(refusal const& refused) {
    return {std::string(describe(refused.code).code), refused.sentence()};
}

}  // namespace chat
