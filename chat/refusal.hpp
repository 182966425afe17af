#pragma once

#include "broker/ports/app_handler.hpp"
#include "chat/errors.hpp"

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <string>
#include <utility>

// Why a request is refused, with what only its place knows: which field, which limit.

namespace chat {

struct refusal {
    errc code = errc::bad_json;
    std::string detail;  // one sentence; empty: the code's title says it all

    refusal() = default;  // for result's sake only
    explicit refusal(errc why, std::string sentence = {})
        : code(why), detail(std::move(sentence)) {}

    // The sentence for people.
    std::string sentence() const;
};

// What the check of a request answers. (Ask it with has_value(), not with value().)
template <typename T>
using checked = boost::system::result<T, refusal>;

// What came out of the store or the domain. The error of any other module counts as
// store_unavailable: to the client it is the same.
refusal to_refusal(boost::system::error_code failed);

// As a client of STOMP is told.
broker::app_error to_app_error(refusal const& refused);

}  // namespace chat
