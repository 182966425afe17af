#pragma once

#include "broker/ports/app_handler.hpp"
#include "chat/operations/context.hpp"

// What stands behind /app: one table from destination to handler. Any shard; no state of its own.

namespace chat::app {

class app_handlers final : public broker::app_handler {
public:
    explicit app_handlers(context& chat) : chat_(chat) {}  // outlives us: owned by chat_module

    broker::app_flow on_app_send(broker::app_request const& request,
                                 broker::unique_function<void(broker::app_outcome)> done) override;

private:
    context& chat_;
};

}  // namespace chat::app
