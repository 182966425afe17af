#pragma once

#include "chat/ports/outbox.hpp"
#include "persistence/storage.hpp"

#include <memory>

// The outbox on either database.

namespace persistence {

class turnstile;

// Connects with the first use. `options` and `turns` outlive it.
std::unique_ptr<chat::outbox> make_outbox(storage_options const& options, turnstile& turns);

}  // namespace persistence
