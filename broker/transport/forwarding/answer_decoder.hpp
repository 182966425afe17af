#pragma once

#include "broker/transport/http.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

// One HTTP/1 answer of another node from bytes, as they come. Pure. Sees the HTTP library as
// http_parser does for requests.

namespace broker::transport {

class answer_decoder {
public:
    enum class status : std::uint8_t {
        need_more,
        complete,
        failed,  // no answer, or one that is too long
    };

    // `answer_bytes` bounds an answer that says its length; a stream has no bound. The answer to a
    // HEAD says the length of a body that does not come.
    explicit answer_decoder(std::size_t answer_bytes, bool of_head_request = false);
    ~answer_decoder();
    answer_decoder(answer_decoder const&) = delete;
    answer_decoder& operator=(answer_decoder const&) = delete;

    status feed(std::span<char const> bytes);
    // The other side has closed: completes an answer whose end is the end of the connection.
    status end();

    bool has_head() const;
    // In chunks, or until the connection ends; pieces are to be passed on as they come.
    bool is_stream() const;

    // Another request may follow on the same connection; when complete.
    bool keeps_connection() const;

    // Status and headers, without those for one connection only; after has_head(), once.
    http_response take_head();
    // What has come of the body since the last call.
    std::string take_body();

private:
    struct impl;
    status decode(std::span<char const> bytes);
    void begin_body();

    std::unique_ptr<impl> impl_;
};

}  // namespace broker::transport
