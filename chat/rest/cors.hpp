#pragma once

#include "broker/transport/http.hpp"

#include <string>

// Pages of other origins (https://fetch.spec.whatwg.org/#http-cors-protocol). Which of them may
// call is asked before anything else (rest_service); here an allowed one is told so, or its browser
// would keep the answer from it.

namespace chat::rest {

// Answers, with the headers that the request's origin needs to see the answer.
void respond(broker::transport::http_exchange& exchange, broker::transport::http_response response);

// To OPTIONS: the path's methods, and what a page may send along.
void respond_to_options(broker::transport::http_exchange& exchange, std::string allow);

}  // namespace chat::rest
